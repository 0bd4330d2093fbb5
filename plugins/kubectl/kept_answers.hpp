// SPDX-License-Identifier: Apache-2.0
//
// Answers of the cluster that are kept by a key, each with the time at which it was asked for. Of several callers that want the
// same at once, one asks and the others wait for its answer. Thread-safe.
#pragma once

#include "patience.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace rsf::kubectl {

template <class T> class KeptAnswers {
  public:
    using Clock = std::chrono::steady_clock;
    using Value = std::shared_ptr<const T>; // null: the cluster has no such thing

    // The answer that is kept, if it was asked for at oldest or later (one that says that there is nothing: at oldest_absence or
    // later), else the one that ask gives, whose errors are the caller's. Throws Error when the call's time is over first.
    template <class Ask>
    Value get(const Call &call, const std::string &key, Clock::time_point oldest, Clock::time_point oldest_absence, Ask ask) {
        std::unique_lock lock(mutex_);
        for (;;) {
            const auto found = kept_.find(key);
            if (found != kept_.end() && found->second.asked >= (found->second.value ? oldest : oldest_absence))
                return found->second.value;
            if (!asking_.contains(key)) break;
            changed_.wait_for(lock, Patience::tick);
            lock.unlock();
            Patience(call).check();
            lock.lock();
        }
        const Asking asking(*this, key);
        const Clock::time_point asked = Clock::now();
        const std::uint64_t before = forgotten_;
        lock.unlock();
        const auto relock = [&] { lock.lock(); };
        Value value;
        try {
            value = ask();
        } catch (...) {
            relock(); // Asking ends under the lock
            throw;
        }
        relock();
        if (forgotten_ == before) keep(key, {value, asked}, oldest_absence);
        return value;
    }

    void forget(const std::string &key) {
        const std::lock_guard lock(mutex_);
        kept_.erase(key);
        ++forgotten_; // also for those who are asking
    }

  private:
    static constexpr std::size_t most_absences = 1000; // clients choose what is not there

    struct Kept {
        Value value;
        Clock::time_point asked;
    };

    // That the caller asks. Begins and ends under the lock.
    class Asking {
      public:
        Asking(KeptAnswers &of, const std::string &key) : of_(of), place_(of.asking_.insert(key).first) {}
        ~Asking() {
            of_.asking_.erase(place_);
            of_.changed_.notify_all();
        }
        Asking(const Asking &) = delete;
        Asking &operator=(const Asking &) = delete;

      private:
        KeptAnswers &of_;
        const std::set<std::string>::iterator place_;
    };

    void keep(const std::string &key, Kept kept, Clock::time_point oldest_absence) {
        if (!kept.value) {
            std::erase_if(kept_, [&](const auto &each) { return !each.second.value && each.second.asked < oldest_absence; });
            if (++absences_ > most_absences) {
                std::erase_if(kept_, [](const auto &each) { return !each.second.value; });
                absences_ = 1;
            }
        }
        kept_[key] = std::move(kept);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Kept> kept_; // guarded by mutex_
    std::set<std::string> asking_;     // guarded by mutex_: keys that are asked for now
    std::uint64_t forgotten_ = 0;      // guarded by mutex_: how often something was
    std::size_t absences_ = 0;         // guarded by mutex_: at most so many are kept that say that there is nothing
};

} // namespace rsf::kubectl
