// SPDX-License-Identifier: Apache-2.0
#include "run/worker_pool.hpp"

#include "base/memory.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace rsf::run {

namespace {

using Clock = Job::Clock;
using Threads = std::list<std::thread>;

struct Entry;
using Entries = std::list<std::shared_ptr<Entry>>;

struct Entry {
    explicit Entry(Job of) : job(std::move(of)) {}

    Job job;
    std::stop_source stop;

    // Guarded by the pool's mutex.
    enum class Phase { fresh, queued, running, given_up } phase = Phase::fresh;
    Entries::iterator place; // in the list that holds it
    Clock::time_point deadline, give_up;
    Threads::iterator thread;
    std::optional<drivers::Failure> unbegun; // why work will not be called

    std::optional<std::stop_callback<std::function<void()>>> client_left; // last: it uses the others
};

std::string in_words(std::chrono::milliseconds time) {
    return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s" : std::to_string(time.count()) + " ms";
}

drivers::Failure failure(Code code, std::string message) {
    return {code, std::move(message), drivers::Failure::Retry::unknown, {}, nullptr};
}

drivers::Failure unavailable(std::string why, std::chrono::seconds retry_after) {
    return {Code::unavailable, std::move(why), drivers::Failure::Retry::later, retry_after, nullptr};
}

} // namespace

class WorkerPool::State : public std::enable_shared_from_this<State> {
  public:
    State(Options options, Log log) : options_(std::move(options)), log_(std::move(log)) {}

    void start();
    bool stop();
    std::optional<drivers::Failure> enter();
    void leave();
    std::optional<drivers::Failure> refusal_now() const;
    void submit(Job job);
    void close();
    void cancel();
    bool wait_idle(Clock::time_point until);
    std::size_t threads() const { return options_.threads; }
    Counts counts() const;
    std::optional<std::string> closed_because() const;

  private:
    using Lock = std::unique_lock<std::mutex>;

    void work(Threads::iterator self);
    std::shared_ptr<Entry> begin(Threads::iterator self);
    void wake_one();
    bool come_back(Lock &lock, Threads::iterator self);
    void watch();
    void give_up(Lock &lock, std::shared_ptr<Entry> entry);
    void report_unbegun(Lock &lock);
    void start_worker();
    void withdraw(Entries::iterator place, drivers::Failure why);
    void withdraw_all(const drivers::Failure &why);
    drivers::Answer perform(Entry &entry, Clock::time_point deadline) const;
    void finish(Entry &entry, drivers::Answer answer, bool begun) const;
    template <class F> void unlocked(Lock &lock, F &&call);
    void notify_if_idle();
    bool is_idle() const;
    bool is_wedged() const { return lost_threads_.size() >= options_.threads || threads_.empty(); }
    std::optional<drivers::Failure> refusal() const;
    std::optional<drivers::Failure> full() const;

    // constant after construction
    const Options options_;
    const Log log_;
    std::thread watcher_;

    // guarded by mutex_
    mutable std::mutex mutex_;
    std::condition_variable work_, watch_, idle_;
    Entries queue_, running_; // running_: the earliest to be given up first
    Entries unbegun_;         // their ends are not told yet
    Threads threads_, lost_threads_, ended_threads_;
    Clock::time_point watching_until_ = Clock::time_point::min();
    std::size_t admitted_ = 0;
    std::size_t sleeping_ = 0;  // threads without work
    bool waking_ = false;       // one of them is being woken
    std::size_t callbacks_ = 0; // threads that are telling ends
    bool closed_ = false, cancelled_ = false, stopping_ = false, watched_ = true;
};

void WorkerPool::State::start() {
    watcher_ = std::thread([self = shared_from_this()] { self->watch(); });
    const Lock lock(mutex_);
    for (std::size_t i = 0; i < options_.threads; ++i) start_worker();
}

void WorkerPool::State::start_worker() {
    const auto place = threads_.emplace(threads_.end());
    try {
        *place = std::thread([self = shared_from_this(), place] { self->work(place); });
    } catch (const std::system_error &) {
        threads_.erase(place);
        throw;
    }
}

void WorkerPool::State::work(Threads::iterator self) {
    Lock lock(mutex_);
    for (MemoryRest memory;;) {
        while (queue_.empty() && !stopping_) {
            if (memory.is_overdue()) {
                unlocked(lock, [&] { memory.rest(); });
                continue;
            }
            const Clock::duration time = memory.is_due() ? MemoryRest::quiet : Clock::duration(std::chrono::hours(24));
            ++sleeping_;
            const bool rests = work_.wait_for(lock, time) == std::cv_status::timeout;
            --sleeping_;
            waking_ = false;
            if (rests && queue_.empty() && memory.is_due()) unlocked(lock, [&] { memory.rest(); });
        }
        if (queue_.empty()) return;
        memory.worked();
        std::shared_ptr<Entry> entry = begin(self);
        if (!queue_.empty()) wake_one();
        const Clock::time_point deadline = entry->deadline;
        lock.unlock();
        drivers::Answer answer = perform(*entry, deadline);
        lock.lock();
        if (entry->phase == Entry::Phase::given_up) {
            if (!come_back(lock, self)) return;
            unlocked(lock, [&] { entry.reset(); });
        } else {
            running_.erase(entry->place);
            unlocked(lock, [&] {
                finish(*entry, std::move(answer), true);
                entry.reset(); // its destruction may wait for the client's stop, which may wait for mutex_
            });
        }
    }
}

std::shared_ptr<Entry> WorkerPool::State::begin(Threads::iterator self) {
    std::shared_ptr<Entry> entry = queue_.front();
    running_.splice(running_.end(), queue_, queue_.begin());
    entry->phase = Entry::Phase::running;
    entry->thread = self;
    entry->deadline = Clock::now() + options_.timeout;
    entry->give_up = entry->deadline + options_.abandon_after;
    if (entry->give_up < watching_until_) watch_.notify_one();
    return entry;
}

// A lost thread's driver returned after all. false: the thread is not needed any more.
bool WorkerPool::State::come_back(Lock &lock, Threads::iterator self) {
    if (stopping_) return false; // left behind: nobody holds its handle
    const bool needed = threads_.size() < options_.threads;
    Threads &to = needed ? threads_ : ended_threads_;
    to.splice(to.end(), lost_threads_, self);
    if (!needed) watch_.notify_one();
    const std::size_t lost = lost_threads_.size();
    unlocked(lock, [&] {
        log_->warn("{}{} returned from a call that had been given up; {} still lost", LogFields{{"target", options_.target}},
                   options_.who, lost);
    });
    return needed;
}

drivers::Answer WorkerPool::State::perform(Entry &entry, Clock::time_point deadline) const {
    try {
        return entry.job.work(deadline, entry.stop.get_token());
    } catch (const std::exception &error) {
        return failure(Code::internal, options_.who + " could not be called for " + entry.job.what + ": " + error.what());
    } catch (...) {
        return failure(Code::internal, options_.who + " could not be called for " + entry.job.what);
    }
}

void WorkerPool::State::finish(Entry &entry, drivers::Answer answer, bool begun) const {
    const auto done = std::exchange(entry.job.done, nullptr);
    try {
        done(std::move(answer), begun);
    } catch (const std::exception &error) {
        log_->error("{}{}: the end of {} could not be told: {}",
                    LogFields{{"target", options_.target}, {"request", entry.job.request_id}}, options_.who, entry.job.what,
                    error.what());
    }
}

// Runs call without the lock; the pool is not idle meanwhile.
template <class F> void WorkerPool::State::unlocked(Lock &lock, F &&call) {
    ++callbacks_;
    lock.unlock();
    call();
    lock.lock();
    --callbacks_;
    notify_if_idle();
}

// The one thread that keeps time. It also tells the ends of what never began, so that they are never told on the thread of
// whoever submitted, and joins threads that ended.
void WorkerPool::State::watch() {
    Lock lock(mutex_);
    for (;;) {
        watching_until_ = Clock::time_point::min();
        if (!ended_threads_.empty()) {
            Threads ended = std::move(ended_threads_);
            ended_threads_.clear();
            lock.unlock();
            for (std::thread &thread : ended) thread.join();
            lock.lock();
        } else if (!unbegun_.empty()) {
            report_unbegun(lock);
        } else if (!watched_) {
            return;
        } else if (running_.empty()) {
            watching_until_ = Clock::time_point::max();
            watch_.wait(lock);
        } else if (const Clock::time_point next = running_.front()->give_up; Clock::now() < next) {
            watching_until_ = next;
            watch_.wait_until(lock, next);
        } else {
            give_up(lock, running_.front());
        }
    }
}

void WorkerPool::State::give_up(Lock &lock, std::shared_ptr<Entry> entry) {
    entry->phase = Entry::Phase::given_up;
    running_.erase(entry->place);
    lost_threads_.splice(lost_threads_.end(), threads_, entry->thread);
    if (options_.concurrent && lost_threads_.size() < options_.threads) {
        try {
            start_worker();
        } catch (const std::system_error &error) {
            log_->error("{}{}: no thread to replace a lost one: {}", LogFields{{"target", options_.target}}, options_.who,
                        error.what());
        }
    }
    if (is_wedged()) withdraw_all(*refusal());
    const std::string message = options_.who + " did not return from " + entry->job.what + " within " +
                                in_words(options_.timeout) + " and was given up " + in_words(options_.abandon_after) +
                                " later; whether it took effect is not known";
    const std::size_t lost = lost_threads_.size();
    unlocked(lock, [&] {
        log_->error("{}{}; {} lost now", LogFields{{"target", options_.target}, {"request", entry->job.request_id}}, message,
                    lost);
        finish(*entry, failure(Code::timeout, message), true);
        entry.reset();
    });
}

void WorkerPool::State::report_unbegun(Lock &lock) {
    Entries entries = std::move(unbegun_);
    unbegun_.clear();
    unlocked(lock, [&] {
        for (const std::shared_ptr<Entry> &entry : entries) finish(*entry, std::move(*entry->unbegun), false);
        entries.clear();
    });
}

void WorkerPool::State::withdraw(Entries::iterator place, drivers::Failure why) {
    (*place)->phase = Entry::Phase::fresh;
    (*place)->unbegun = std::move(why);
    unbegun_.splice(unbegun_.end(), queue_, place);
    watch_.notify_one();
}

void WorkerPool::State::withdraw_all(const drivers::Failure &why) {
    while (!queue_.empty()) withdraw(queue_.begin(), why);
}

std::optional<drivers::Failure> WorkerPool::State::refusal() const {
    if (closed_) return unavailable("the daemon is shutting down", std::chrono::seconds(5));
    if (!is_wedged()) return std::nullopt;
    const std::size_t lost = lost_threads_.size();
    return unavailable(options_.who + " takes no calls: " + (lost == 1 ? "one" : std::to_string(lost)) +
                           " of them never returned; it is used again when one does",
                       std::chrono::seconds(10));
}

std::optional<drivers::Failure> WorkerPool::State::full() const {
    if (admitted_ < options_.admitted) return std::nullopt;
    return unavailable(options_.who + " has " + std::to_string(admitted_) +
                           " requests under way, which is as many as it may have; try again later",
                       std::chrono::seconds(1));
}

std::optional<drivers::Failure> WorkerPool::State::enter() {
    const Lock lock(mutex_);
    if (std::optional<drivers::Failure> why = refusal()) return why;
    if (std::optional<drivers::Failure> why = full()) return why;
    ++admitted_;
    return std::nullopt;
}

std::optional<drivers::Failure> WorkerPool::State::refusal_now() const {
    const Lock lock(mutex_);
    std::optional<drivers::Failure> why = refusal();
    return why ? why : full();
}

void WorkerPool::State::leave() {
    const Lock lock(mutex_);
    --admitted_;
    notify_if_idle();
}

void WorkerPool::State::submit(Job job) {
    Entries fresh;
    const auto entry = std::make_shared<Entry>(std::move(job));
    const auto place = entry->place = fresh.insert(fresh.end(), entry);
    if (entry->job.client.stop_possible()) {
        entry->client_left.emplace(entry->job.client, [state = weak_from_this(), weak = std::weak_ptr(entry)] {
            const auto self = state.lock();
            const auto left = weak.lock();
            if (!self || !left) return;
            left->stop.request_stop();
            const Lock lock(self->mutex_);
            if (left->phase == Entry::Phase::queued)
                self->withdraw(left->place, failure(Code::cancelled, "the client went away"));
        });
    }
    const Lock lock(mutex_);
    std::optional<drivers::Failure> why;
    if (entry->stop.stop_requested())
        why = failure(Code::cancelled, "the client went away");
    else if (cancelled_ || is_wedged())
        why = refusal();
    queue_.splice(queue_.end(), fresh);
    if (why) return withdraw(place, std::move(*why));
    entry->phase = Entry::Phase::queued;
    wake_one();
}

// One is woken at a time, and wakes the next if there is work for it: while it comes, those that are awake may do it all.
void WorkerPool::State::wake_one() {
    if (waking_ || sleeping_ == 0) return;
    waking_ = true;
    work_.notify_one();
}

void WorkerPool::State::close() {
    const Lock lock(mutex_);
    closed_ = true;
}

void WorkerPool::State::cancel() {
    std::vector<std::shared_ptr<Entry>> running;
    {
        const Lock lock(mutex_);
        closed_ = cancelled_ = true;
        withdraw_all(*refusal());
        const Clock::time_point latest = Clock::now() + options_.abandon_after;
        for (const std::shared_ptr<Entry> &entry : running_) {
            entry->give_up = std::min(entry->give_up, latest);
            running.push_back(entry);
        }
        watch_.notify_one();
    }
    for (const std::shared_ptr<Entry> &entry : running) entry->stop.request_stop();
}

bool WorkerPool::State::is_idle() const {
    return admitted_ == 0 && callbacks_ == 0 && queue_.empty() && running_.empty() && unbegun_.empty();
}

void WorkerPool::State::notify_if_idle() {
    if (is_idle()) idle_.notify_all();
}

bool WorkerPool::State::wait_idle(Clock::time_point until) {
    Lock lock(mutex_);
    return idle_.wait_until(lock, until, [&] { return is_idle(); });
}

bool WorkerPool::State::stop() {
    cancel();
    Threads threads;
    bool all_back = true;
    {
        Lock lock(mutex_);
        idle_.wait(lock, [&] { return is_idle(); });
        stopping_ = true;
        all_back = lost_threads_.empty();
        for (std::thread &thread : lost_threads_) thread.detach();
        lost_threads_.clear();
        threads.swap(threads_);
        work_.notify_all();
    }
    for (std::thread &thread : threads) thread.join();
    {
        const Lock lock(mutex_);
        watched_ = false;
        watch_.notify_one();
    }
    if (watcher_.joinable()) watcher_.join();
    return all_back;
}

WorkerPool::Counts WorkerPool::State::counts() const {
    const Lock lock(mutex_);
    return {running_.size(), queue_.size(), lost_threads_.size()};
}

std::optional<std::string> WorkerPool::State::closed_because() const {
    const Lock lock(mutex_);
    std::optional<drivers::Failure> why = refusal();
    return why ? std::optional(std::move(why->message)) : std::nullopt;
}

WorkerPool::WorkerPool(Options options, Log log) : state_(std::make_shared<State>(std::move(options), std::move(log))) {
    try {
        state_->start();
    } catch (...) {
        state_->stop();
        throw;
    }
}

WorkerPool::~WorkerPool() { stop(); }

std::optional<drivers::Failure> WorkerPool::enter() { return state_->enter(); }
void WorkerPool::leave() { state_->leave(); }
std::optional<drivers::Failure> WorkerPool::refusal() const { return state_->refusal_now(); }
void WorkerPool::submit(Job job) { state_->submit(std::move(job)); }
std::size_t WorkerPool::threads() const { return state_->threads(); }
WorkerPool::Counts WorkerPool::counts() const { return state_->counts(); }
std::optional<std::string> WorkerPool::closed_because() const { return state_->closed_because(); }
void WorkerPool::close() { state_->close(); }
void WorkerPool::cancel() { state_->cancel(); }
bool WorkerPool::wait_idle(Clock::time_point until) { return state_->wait_idle(until); }
bool WorkerPool::stop() { return state_->stop(); }

} // namespace rsf::run
