// SPDX-License-Identifier: Apache-2.0
//
// The limits that hold now. Whoever began with older ones keeps them as long as it wants. Thread-safe.
#pragma once

#include "http/limits.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace rsf::http {

class CurrentLimits {
  public:
    explicit CurrentLimits(const HttpLimits &limits) : limits_(std::make_shared<const HttpLimits>(limits)) {}

    void replace(const HttpLimits &limits) {
        auto next = std::make_shared<const HttpLimits>(limits);
        const std::lock_guard lock(mutex_);
        limits_ = std::move(next);
        ++version_;
    }

    std::shared_ptr<const HttpLimits> get() const {
        const std::lock_guard lock(mutex_);
        return limits_;
    }

    // Limits that one thread at a time holds on to, and renews when it begins something.
    class Kept {
      public:
        explicit Kept(const CurrentLimits &current) : current_(current) { take(); }
        // No lock unless there are others by now.
        void renew() {
            if (current_.version_ != version_) take();
        }
        const HttpLimits *operator->() const { return limits_.get(); }
        const std::shared_ptr<const HttpLimits> &share() const { return limits_; }

      private:
        void take() {
            const std::lock_guard lock(current_.mutex_);
            limits_ = current_.limits_;
            version_ = current_.version_;
        }

        const CurrentLimits &current_;
        std::shared_ptr<const HttpLimits> limits_;
        std::uint64_t version_ = 0;
    };

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const HttpLimits> limits_; // guarded by mutex_
    std::atomic<std::uint64_t> version_ = 0;   // changed with mutex_
};

} // namespace rsf::http
