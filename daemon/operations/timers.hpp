// SPDX-License-Identifier: Apache-2.0
//
// Calls functions at times, one after another, on a thread of its own. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace rsf::operations {

class Timers {
  public:
    using Clock = std::chrono::steady_clock;

    Timers();
    // Drops what has not come, and waits for a call that is under way, unless it is that call which destroys this.
    ~Timers();
    Timers(const Timers &) = delete;
    Timers &operator=(const Timers &) = delete;

    // call: must not block for long, nor throw; it checks itself whether it is still wanted.
    void at(Clock::time_point time, std::function<void()> call);
    void in(Clock::duration time, std::function<void()> call) { at(Clock::now() + time, std::move(call)); }

  private:
    struct State; // shared with the thread
    const std::shared_ptr<State> state_;
    std::thread thread_; // last: it uses the state
};

} // namespace rsf::operations
