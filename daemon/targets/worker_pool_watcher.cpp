// SPDX-License-Identifier: Apache-2.0
#include "targets/worker_pool_state.hpp"

#include <system_error>
#include <utility>

namespace rsf::targets {

namespace {

std::string in_words(std::chrono::milliseconds time) {
    return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s" : std::to_string(time.count()) + " ms";
}

} // namespace

// The thread that watches deadlines. It also calls done for jobs that never began, so that it is never called on the submitting
// thread, and joins threads that ended.
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
        finish(*entry, error_of(Code::timeout, message), true);
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

} // namespace rsf::targets
