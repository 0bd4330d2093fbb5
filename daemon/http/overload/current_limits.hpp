// SPDX-License-Identifier: Apache-2.0
//
// The limits in force. A request keeps those that it began with. Thread-safe.
#pragma once

#include "http/limits.hpp"
#include "shared/mutex.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace rsf::http {

class CurrentLimits {
  public:
    explicit CurrentLimits(const HttpLimits &limits) : limits_(std::make_shared<const HttpLimits>(limits)) {}

    void replace(const HttpLimits &limits) {
        auto next = std::make_shared<const HttpLimits>(limits);
        const shared::Lock lock(mutex_);
        limits_ = std::move(next);
        ++version_;
    }

    std::shared_ptr<const HttpLimits> get() const {
        const shared::Lock lock(mutex_);
        return limits_;
    }

    // Limits as one thread at a time keeps them, and renews them when it begins something.
    class Kept {
      public:
        explicit Kept(const CurrentLimits &current) : current_(current) { take(); }
        // Takes no lock unless the limits have changed.
        void renew() {
            if (current_.version_ != version_) take();
        }
        const HttpLimits *operator->() const { return limits_.get(); }
        const std::shared_ptr<const HttpLimits> &share() const { return limits_; }

      private:
        void take() {
            const shared::Lock lock(current_.mutex_);
            limits_ = current_.limits_;
            version_ = current_.version_;
        }

        const CurrentLimits &current_;
        std::shared_ptr<const HttpLimits> limits_;
        std::uint64_t version_ = 0;
    };

  private:
    mutable shared::Mutex mutex_;
    std::shared_ptr<const HttpLimits> limits_ GUARDED_BY(mutex_);
    std::atomic<std::uint64_t> version_ = 0; // changed with mutex_
};

} // namespace rsf::http
