// SPDX-License-Identifier: Apache-2.0
//
// How long something that is done for a call may take, and whether the caller still wants it. Thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <chrono>
#include <functional>

namespace rsf::kubectl {

class Patience {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds tick{50}; // how often a wait looks whether it is still wanted

    // request: the longest that one answer of the cluster may take; 0: as long as the call. The call outlives it.
    explicit Patience(const Call &call, std::chrono::milliseconds request = {});
    explicit Patience(Clock::time_point until) : until_(until) {} // of nobody's call
    // The same, until stop() says so; it outlives it.
    Patience(Clock::time_point until, const std::function<bool()> &stop) : stop_(&stop), until_(until) {}

    Clock::time_point until() const { return until_; }
    Clock::duration left() const { return until_ - Clock::now(); }
    // How long to wait at most before asking again: in milliseconds, at least 1, as poll(2) takes it.
    int poll_time() const;

    bool is_over() const { return (call_ && call_->cancelled()) || (stop_ && (*stop_)()) || left() <= Clock::duration::zero(); }
    // Throws Error (timeout or cancelled) if it is over. effect: what may have happened, or empty.
    void check(const char *effect = "") const;
    // Waits, then checks.
    void wait(std::chrono::milliseconds time) const;

  private:
    const Call *call_ = nullptr;
    const std::function<bool()> *stop_ = nullptr;
    Clock::time_point until_;
};

} // namespace rsf::kubectl
