// SPDX-License-Identifier: Apache-2.0
//
// How a driver says it is. It is asked on a thread of its own, so that one that does not come back from saying it holds up nobody
// else for long. Thread-safe; may be destroyed on its own thread.
#pragma once

#include "drivers/call.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace rsf::daemon {

class HealthWatch {
  public:
    using Clock = std::chrono::steady_clock;

    // ask: blocks in the driver. who: for messages. patience: after this, it is said not to come back.
    HealthWatch(std::function<DriverHealth()> ask, std::string who, std::chrono::milliseconds patience);
    HealthWatch(const HealthWatch &) = delete;
    HealthWatch &operator=(const HealthWatch &) = delete;
    // Waits for a driver that is being asked.
    ~HealthWatch();

    // Has the driver asked, unless it is being asked already. keep: what must live until it answered.
    void ask(std::shared_ptr<const void> keep);
    // What it said: waits for an answer until it has been asked for that long, and is what it said before then.
    DriverHealth said(std::chrono::milliseconds worth_waiting);

    // Whether it is being asked for longer than the patience.
    bool is_overdue() const;
    // Waits until it is not being asked, or overdue; false when until passed first.
    bool wait_idle(Clock::time_point until) const;

  private:
    struct State; // shared with the thread
    const std::shared_ptr<State> state_;
};

} // namespace rsf::daemon
