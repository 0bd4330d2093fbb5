// SPDX-License-Identifier: Apache-2.0
//
// How a driver says it is. It is asked on a thread of its own, so that one that does not come back from saying it holds up nobody
// else for long. Thread-safe; may be destroyed on its own thread.
#pragma once

#include "drivers/call.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace rsf::run {

class HealthWatch {
  public:
    using Clock = std::chrono::steady_clock;

    // ask: blocks in the driver. who: for messages. patience: after this, it is said not to come back.
    HealthWatch(std::function<drivers::DriverHealth()> ask, std::string who, std::chrono::milliseconds patience);
    HealthWatch(const HealthWatch &) = delete;
    HealthWatch &operator=(const HealthWatch &) = delete;
    // Waits for a driver that is being asked.
    ~HealthWatch();

    // The how manieth time it is that the driver is asked.
    using Ask = std::uint64_t;

    // Has the driver asked, unless it is being asked already: then it is that time. Never waits. keep: what must live until it
    // answered.
    Ask ask(std::shared_ptr<const void> keep);
    // What it said last. Waits for its answer to that ask until it has been asked for that long, not for any later one.
    drivers::DriverHealth said(Ask ask, std::chrono::milliseconds worth_waiting) const;
    // What it said last; does not wait.
    drivers::DriverHealth said() const;

    // Whether it is being asked for longer than the patience.
    bool is_overdue() const;
    // Waits until it is not being asked, or overdue; false when until passed first.
    bool wait_idle(Clock::time_point until) const;

  private:
    struct State; // shared with the thread
    const std::shared_ptr<State> state_;
};

} // namespace rsf::run
