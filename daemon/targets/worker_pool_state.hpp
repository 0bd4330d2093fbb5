// SPDX-License-Identifier: Apache-2.0
//
// What a worker pool shares with its threads: the queue, the jobs that run and the threads that never came back. Only for the
// sources of the pool: worker_pool.cpp has the queue and the workers, worker_pool_watcher.cpp the thread that gives up calls.
// Thread-safe.
#pragma once

#include "shared/mutex.hpp"
#include "targets/worker_pool.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace rsf::targets {

class WorkerPool::State : public std::enable_shared_from_this<State> {
  public:
    using Clock = Job::Clock;

    State(Options options, Log log) : options_(std::move(options)), log_(std::move(log)) {}

    void start();
    bool stop();
    std::optional<drivers::Failure> enter();
    void enter_again();
    void leave();
    void arrive();
    void depart();
    std::optional<drivers::Failure> refusal_now() const;
    void submit(Job job);
    void close();
    void cancel();
    bool wait_idle(Clock::time_point until);
    void when_idle(std::function<void()> once);
    std::size_t threads() const { return options_.threads; }
    Counts counts() const;
    std::optional<std::string> closed_because() const;

  private:
    using Lock = shared::Lock;
    using Threads = std::list<std::thread>;
    struct Entry;
    using Entries = std::list<std::shared_ptr<Entry>>;

    struct Entry {
        explicit Entry(Job of) : job(std::move(of)) {}

        Job job;
        std::stop_source stop;

        // Guarded by the pool's mutex, which an entry does not know: clang can't check it.
        enum class Phase { fresh, queued, running, given_up } phase = Phase::fresh;
        Entries::iterator place; // in the list that holds it
        Clock::time_point deadline, give_up;
        Threads::iterator thread;
        std::optional<drivers::Failure> unbegun; // why work will not be called

        std::optional<std::stop_callback<std::function<void()>>> client_left; // last: it uses the others
    };

    void work(Threads::iterator self);
    std::shared_ptr<Entry> begin(Threads::iterator self) REQUIRES(mutex_);
    void wake_one() REQUIRES(mutex_);
    bool come_back(Lock &lock, Threads::iterator self) REQUIRES(mutex_);
    void watch();
    void give_up(Lock &lock, std::shared_ptr<Entry> entry) REQUIRES(mutex_);
    void report_unbegun(Lock &lock) REQUIRES(mutex_);
    void start_worker() REQUIRES(mutex_);
    void withdraw(Entries::iterator place, drivers::Failure why) REQUIRES(mutex_);
    void withdraw_all(const drivers::Failure &why) REQUIRES(mutex_);
    drivers::Answer perform(Entry &entry, Clock::time_point deadline) const;
    void finish(Entry &entry, drivers::Answer answer, bool begun) const;
    // Clang's analysis does not follow a lock that is passed as an argument.
    template <class F> void unlocked(Lock &lock, F &&call) REQUIRES(mutex_) NO_THREAD_SAFETY_ANALYSIS;
    void notify_if_idle() REQUIRES(mutex_);
    bool is_idle() const REQUIRES(mutex_);
    bool is_wedged() const REQUIRES(mutex_) { return lost_threads_.size() >= options_.threads || threads_.empty(); }
    std::optional<drivers::Failure> refusal() const REQUIRES(mutex_);
    std::optional<drivers::Failure> full() const REQUIRES(mutex_);

    // constant after construction
    const Options options_;
    const Log log_;
    std::thread watcher_;

    mutable shared::Mutex mutex_;
    shared::Condition work_, watch_, idle_;
    Entries queue_ GUARDED_BY(mutex_);
    Entries running_ GUARDED_BY(mutex_); // the earliest to be given up first
    Entries unbegun_ GUARDED_BY(mutex_); // their ends are not told yet
    Threads threads_ GUARDED_BY(mutex_);
    Threads lost_threads_ GUARDED_BY(mutex_);
    Threads ended_threads_ GUARDED_BY(mutex_);
    Clock::time_point watching_until_ GUARDED_BY(mutex_) = Clock::time_point::min();
    std::size_t admitted_ GUARDED_BY(mutex_) = 0;
    std::size_t arriving_ GUARDED_BY(mutex_) = 0;
    std::size_t sleeping_ GUARDED_BY(mutex_) = 0;        // threads without work
    bool waking_ GUARDED_BY(mutex_) = false;             // one of them is being woken
    std::size_t callbacks_ GUARDED_BY(mutex_) = 0;       // threads that are telling ends
    std::function<void()> when_idle_ GUARDED_BY(mutex_); // empty: not asked for
    bool closed_ GUARDED_BY(mutex_) = false;
    bool cancelled_ GUARDED_BY(mutex_) = false;
    bool stopping_ GUARDED_BY(mutex_) = false;
    bool watched_ GUARDED_BY(mutex_) = true;
};

// Runs call without the lock; the pool is not idle meanwhile.
template <class F> void WorkerPool::State::unlocked(Lock &lock, F &&call) {
    ++callbacks_;
    lock.unlock();
    call();
    lock.lock();
    --callbacks_;
    notify_if_idle();
}

} // namespace rsf::targets
