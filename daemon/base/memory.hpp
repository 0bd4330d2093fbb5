// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <chrono>

namespace rsf::base {

// Gives free memory back to the system: what this thread allocated, and what it freed for threads that have released theirs.
// Allocators would keep it for the next burst of work. Takes up to some milliseconds.
void give_memory_back();

// When a thread calls give_memory_back(): after a second without work, or every ten seconds when it is never idle for that long.
// Used by one thread.
class MemoryRelease {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds quiet{1'000};
    static constexpr std::chrono::milliseconds longest{10'000};

    // There was work.
    void worked() {
        if (since_ == never) since_ = Clock::now();
    }
    // Whether there was any since the last release().
    bool is_due() const { return since_ != never; }
    bool is_overdue() const { return since_ != never && Clock::now() - since_ >= longest; }
    void release() {
        since_ = never;
        give_memory_back();
    }

  private:
    static constexpr Clock::time_point never = Clock::time_point::max();
    Clock::time_point since_ = never;
};

} // namespace rsf::base
