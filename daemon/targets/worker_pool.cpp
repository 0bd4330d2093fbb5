// SPDX-License-Identifier: Apache-2.0
#include "targets/worker_pool.hpp"

#include "base/memory.hpp"
#include "targets/worker_pool_state.hpp"

#include "shared/mutex.hpp"
#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

namespace rsf::targets {

drivers::Failure client_left() { return error_of(Code::cancelled, "the client went away"); }
drivers::Failure cancelled_by_client() { return error_of(Code::cancelled, "the operation was cancelled"); }

namespace {

drivers::Failure withdrawn(const Job &job) { return job.is_cancelled_by_client ? cancelled_by_client() : client_left(); }

} // namespace

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
    for (MemoryRelease memory;;) {
        while (queue_.empty() && !stopping_) {
            if (memory.is_overdue()) {
                unlocked(lock, [&] { memory.release(); });
                continue;
            }
            const Clock::duration time = memory.is_due() ? MemoryRelease::quiet : Clock::duration(std::chrono::hours(24));
            ++sleeping_;
            const bool timed_out = work_.wait_for(lock, time) == std::cv_status::timeout;
            --sleeping_;
            waking_ = false;
            if (timed_out && queue_.empty() && memory.is_due()) unlocked(lock, [&] { memory.release(); });
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

std::shared_ptr<WorkerPool::State::Entry> WorkerPool::State::begin(Threads::iterator self) {
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
    if (stopping_) return false; // left behind: its handle was detached
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
        return error_of(Code::internal, options_.who + " could not be called for " + entry.job.what + ": " + error.what());
    } catch (...) {
        return error_of(Code::internal, options_.who + " could not be called for " + entry.job.what);
    }
}

void WorkerPool::State::finish(Entry &entry, drivers::Answer answer, bool begun) const {
    const auto done = std::exchange(entry.job.done, nullptr);
    try {
        done(std::move(answer), begun);
    } catch (const std::exception &error) {
        log_->error("{}{}: the end of {} could not be reported: {}",
                    LogFields{{"target", options_.target}, {"request", entry.job.request_id}}, options_.who, entry.job.what,
                    error.what());
    }
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
    if (closed_) return drivers::transient(unavailable("the daemon is shutting down"), std::chrono::seconds(5));
    if (!is_wedged()) return std::nullopt;
    const std::size_t lost = lost_threads_.size();
    return drivers::transient(unavailable(options_.who + " takes no calls: " + (lost == 1 ? "one" : std::to_string(lost)) +
                                          " of them never returned; it is used again when one does"),
                              std::chrono::seconds(10));
}

std::optional<drivers::Failure> WorkerPool::State::full() const {
    if (admitted_ < options_.admitted) return std::nullopt;
    return drivers::transient(unavailable(options_.who + " has " + std::to_string(admitted_) +
                                          " requests under way, which is as many as it may have; try again later"),
                              std::chrono::seconds(1));
}

std::optional<drivers::Failure> WorkerPool::State::enter() {
    const Lock lock(mutex_);
    if (std::optional<drivers::Failure> why = refusal()) return why;
    if (std::optional<drivers::Failure> why = full()) return why;
    ++admitted_;
    return std::nullopt;
}

void WorkerPool::State::enter_again() {
    const Lock lock(mutex_);
    ++admitted_;
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

void WorkerPool::State::arrive() {
    const Lock lock(mutex_);
    ++arriving_;
}

void WorkerPool::State::depart() {
    const Lock lock(mutex_);
    --arriving_;
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
            if (left->phase == Entry::Phase::queued) self->withdraw(left->place, withdrawn(left->job));
        });
    }
    const Lock lock(mutex_);
    std::optional<drivers::Failure> why;
    if (entry->stop.stop_requested())
        why = withdrawn(entry->job);
    else if (cancelled_ || is_wedged())
        why = refusal();
    queue_.splice(queue_.end(), fresh);
    if (why) return withdraw(place, std::move(*why));
    entry->phase = Entry::Phase::queued;
    wake_one();
}

// Threads are woken one at a time, and each wakes the next if work is left: those that are awake may do all of it meanwhile.
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
    return arriving_ == 0 && admitted_ == 0 && callbacks_ == 0 && queue_.empty() && running_.empty() && unbegun_.empty();
}

void WorkerPool::State::notify_if_idle() {
    if (!is_idle()) return;
    idle_.notify_all();
    if (const auto once = std::exchange(when_idle_, nullptr)) once();
}

void WorkerPool::State::when_idle(std::function<void()> once) {
    const std::shared_ptr<State> kept = shared_from_this(); // once may end the pool before this returns
    const Lock lock(mutex_);
    when_idle_ = std::move(once);
    notify_if_idle();
}

bool WorkerPool::State::wait_idle(Clock::time_point until) {
    Lock lock(mutex_);
    return idle_.wait_until(lock, until, [&]() REQUIRES(mutex_) { return is_idle(); });
}

bool WorkerPool::State::stop() {
    cancel();
    Threads threads;
    bool all_back = true;
    {
        Lock lock(mutex_);
        idle_.wait(lock, [&]() REQUIRES(mutex_) { return is_idle(); });
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
void WorkerPool::enter_again() { state_->enter_again(); }
void WorkerPool::leave() { state_->leave(); }
std::optional<drivers::Failure> WorkerPool::refusal() const { return state_->refusal_now(); }
void WorkerPool::arrive() { state_->arrive(); }
void WorkerPool::depart() { state_->depart(); }
void WorkerPool::submit(Job job) { state_->submit(std::move(job)); }
std::size_t WorkerPool::threads() const { return state_->threads(); }
WorkerPool::Counts WorkerPool::counts() const { return state_->counts(); }
std::optional<std::string> WorkerPool::closed_because() const { return state_->closed_because(); }
void WorkerPool::close() { state_->close(); }
void WorkerPool::cancel() { state_->cancel(); }
void WorkerPool::when_idle(std::function<void()> once) { state_->when_idle(std::move(once)); }
bool WorkerPool::wait_idle(Job::Clock::time_point until) { return state_->wait_idle(until); }
bool WorkerPool::stop() { return state_->stop(); }

} // namespace rsf::targets
