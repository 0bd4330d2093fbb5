// SPDX-License-Identifier: Apache-2.0
//
// The last moment at which a thread showed that it is not stuck. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>

namespace rsf::http {

class Heartbeat {
  public:
    using Clock = std::chrono::steady_clock;

    void beat() { last_ = Clock::now().time_since_epoch(); }
    // No beat is expected until the next one.
    void pause() { last_ = paused; }
    bool is_older_than(Clock::duration age) const {
        const Clock::duration last = last_;
        return last != paused && Clock::now().time_since_epoch() - last > age;
    }

  private:
    static constexpr Clock::duration paused = Clock::duration::max();
    std::atomic<Clock::duration> last_ = paused;
};

} // namespace rsf::http
