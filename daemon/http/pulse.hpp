// SPDX-License-Identifier: Apache-2.0
//
// When something last showed that it moves. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>

namespace rsf::http {

class Pulse {
  public:
    using Clock = std::chrono::steady_clock;

    void beat() { last_ = Clock::now().time_since_epoch(); }
    // It need not move any more, until its next beat.
    void rest() { last_ = resting; }
    bool is_older_than(Clock::duration age) const {
        const Clock::duration last = last_;
        return last != resting && Clock::now().time_since_epoch() - last > age;
    }

  private:
    static constexpr Clock::duration resting = Clock::duration::max();
    std::atomic<Clock::duration> last_ = resting;
};

} // namespace rsf::http
