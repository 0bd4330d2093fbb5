// SPDX-License-Identifier: Apache-2.0
//
// The health that a driver reports. It is asked on a thread of its own, so that a driver that does not answer holds up no other
// thread for long. Thread-safe; may be destroyed on its own thread.
#pragma once

#include "drivers/call.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace rsf::targets {

class HealthWatch {
  public:
    using Clock = std::chrono::steady_clock;

    // ask: blocks in the driver. who: for messages. abandon_after: a question that is
    // not answered for so long is overdue.
    HealthWatch(std::function<drivers::DriverHealth()> ask, std::string who, std::chrono::milliseconds abandon_after);
    HealthWatch(const HealthWatch &) = delete;
    HealthWatch &operator=(const HealthWatch &) = delete;
    // Waits for a driver that is being asked.
    ~HealthWatch();

    // The number of a question to the driver: 1 for the first.
    using Ask = std::uint64_t;

    // Asks the driver, unless a question is under way: then returns that one's number. Never waits. keep: kept alive until the
    // answer.
    Ask ask(std::shared_ptr<const void> keep);
    // Its last report. Waits for the answer to that question, for at most that long since it was asked; not for a later one.
    drivers::DriverHealth said(Ask ask, std::chrono::milliseconds worth_waiting) const;
    // Its last report; does not wait.
    drivers::DriverHealth said() const;

    // Whether it has reported once, or a question is overdue.
    bool has_said() const;
    // Whether a question is overdue.
    bool is_overdue() const;
    // Waits until it is not being asked, or overdue; false when until passed first.
    bool wait_idle(Clock::time_point until) const;

  private:
    struct State; // shared with the thread
    const std::shared_ptr<State> state_;
};

} // namespace rsf::targets
