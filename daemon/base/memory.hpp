// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <optional>

namespace rsf::base {

// Gives memory that is free by now back to the system: what this thread has had, and what it freed of threads that have come to
// rest. Allocators keep it for the next burst of work. Takes up to some milliseconds.
void give_memory_back();

// When a thread does that: after a second without work, and every ten seconds when it is never without for so long. For one
// thread.
class MemoryRest {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds quiet{1'000};
    static constexpr std::chrono::milliseconds longest{10'000};

    // There was work.
    void worked() {
        if (!since_) since_ = Clock::now();
    }
    // Whether there was any since it last rested.
    bool is_due() const { return since_.has_value(); }
    bool is_overdue() const { return since_ && Clock::now() - *since_ >= longest; }
    void rest() {
        since_.reset();
        give_memory_back();
    }

  private:
    std::optional<Clock::time_point> since_;
};

} // namespace rsf::base
