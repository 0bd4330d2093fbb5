// SPDX-License-Identifier: Apache-2.0
//
// When work for a call has to end: at a time, when the call is cancelled, or when an event is set. Thread-safe.
#pragma once

#include "kubectl/process/event.hpp"

#include <resourcifier/driver.hpp>

#include <array>
#include <chrono>

namespace rsf::kubectl::process {

class Deadline {
  public:
    using Clock = std::chrono::steady_clock;
    // How often a wait asks the host whether the call was cancelled: rsf_call answers that question and has no event for it.
    static constexpr std::chrono::milliseconds tick{50};

    // request: the longest that one answer of the cluster may take; 0: as long as the call. The call outlives it.
    explicit Deadline(const Call &call, std::chrono::milliseconds request = {});
    // For work that belongs to no call: until then, or until one of these events is set. The events outlive it.
    explicit Deadline(Clock::time_point until) : until_(until) {}
    Deadline(Clock::time_point until, const Event &stop) : stops_{&stop, nullptr}, until_(until) {}
    Deadline(Clock::time_point until, const Event &stop, const Event &other) : stops_{&stop, &other}, until_(until) {}

    Clock::duration left() const { return until_ - Clock::now(); }
    // For a wait that events can't end, such as for a condition variable: when it has to call check() again.
    Clock::time_point next_check() const;
    // The same for a wait that takes milliseconds: at least 1.
    int milliseconds_to_check() const;

    bool is_over() const; // the time is up, the call was cancelled or an event is set
    // Throws Error (timeout or cancelled) if it is over. effect: what may have happened, or empty.
    void check(const char *effect = "") const;
    // Waits until the descriptor is ready for events, as poll(2) has them, or has failed. False: it was over before.
    bool wait_until_ready(int descriptor, short events) const;
    // Waits for this time. Throws as check() does, at once when it is over.
    void wait(std::chrono::milliseconds time, const char *effect = "") const;

  private:
    bool poll_until(int descriptor, short events, Clock::time_point end) const;

    const Call *call_ = nullptr;
    std::array<const Event *, 2> stops_{};
    Clock::time_point until_;
};

} // namespace rsf::kubectl::process
