// SPDX-License-Identifier: Apache-2.0
//
// A cache of answers of the cluster, each with the time of its request. Of several callers that want the same key at once, one
// sends the request and the others wait for its answer. Thread-safe.
#pragma once

#include "kubectl/process/deadline.hpp"
#include "shared/mutex.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace rsf::kubectl::api {

template <class T> class KeptAnswers {
  public:
    using Clock = std::chrono::steady_clock;
    using Value = std::shared_ptr<const T>; // null: the cluster has none

    // The cached answer if it was requested at oldest or later (a null answer: at oldest_absence or later), else the result of
    // ask, whose exceptions pass through. Throws Error when the call is over first.
    template <class Ask>
    Value get(const Call &call, const std::string &key, Clock::time_point oldest, Clock::time_point oldest_absence, Ask ask) {
        shared::Lock lock(mutex_);
        for (;;) {
            const auto found = kept_.find(key);
            if (found != kept_.end() && found->second.asked >= (found->second.value ? oldest : oldest_absence))
                return found->second.value;
            if (!asking_.contains(key)) break;
            const process::Deadline deadline(call);
            changed_.wait_until(lock, deadline.next_check());
            lock.unlock();
            deadline.check();
            lock.lock();
        }
        const Asking asking(*this, key);
        const Clock::time_point asked = Clock::now();
        const std::uint64_t before = forgotten_;
        lock.unlock();
        Value value;
        try {
            value = ask();
        } catch (...) {
            lock.lock(); // Asking ends under the lock
            throw;
        }
        lock.lock();
        if (forgotten_ == before) keep(key, {value, asked}, oldest_absence);
        return value;
    }

    void forget(const std::string &key) {
        const shared::Lock lock(mutex_);
        kept_.erase(key);
        ++forgotten_; // so that a request in flight is not kept
    }

  private:
    static constexpr std::size_t most_absences = 1000; // clients choose the keys

    struct Kept {
        Value value;
        Clock::time_point asked;
    };

    // Marks the key as being requested. Made and destroyed under the lock, which clang does not see at its end: its object is
    // known by another name there.
    class Asking {
      public:
        Asking(KeptAnswers &of, const std::string &key) REQUIRES(of.mutex_) : of_(of), place_(of.asking_.insert(key).first) {}
        ~Asking() NO_THREAD_SAFETY_ANALYSIS {
            of_.asking_.erase(place_);
            of_.changed_.notify_all();
        }
        Asking(const Asking &) = delete;
        Asking &operator=(const Asking &) = delete;

      private:
        KeptAnswers &of_;
        const std::set<std::string>::iterator place_;
    };

    void keep(const std::string &key, Kept kept, Clock::time_point oldest_absence) REQUIRES(mutex_) {
        if (!kept.value) {
            std::erase_if(kept_, [&](const auto &each) { return !each.second.value && each.second.asked < oldest_absence; });
            if (++absences_ > most_absences) {
                std::erase_if(kept_, [](const auto &each) { return !each.second.value; });
                absences_ = 1;
            }
        }
        kept_[key] = std::move(kept);
    }

    shared::Mutex mutex_;
    shared::Condition changed_;
    std::map<std::string, Kept> kept_ GUARDED_BY(mutex_);
    std::set<std::string> asking_ GUARDED_BY(mutex_); // keys with a request in flight
    std::uint64_t forgotten_ GUARDED_BY(mutex_) = 0;  // how often forget() was called
    std::size_t absences_ GUARDED_BY(mutex_) = 0;     // null answers that are kept
};

} // namespace rsf::kubectl::api
