// SPDX-License-Identifier: Apache-2.0
#include "http/connection/deadline.hpp"

namespace rsf::http {

// A wait that is under way and ends no later is left as it is, and is renewed when it ends too early: each request moves the
// deadline several times, and it is hardly ever reached.
Deadline::Clock::time_point Deadline::arm(std::chrono::milliseconds time) {
    const auto now = Clock::now();
    passed_ = false;
    ends_at_ = now + time;
    if (timer_.expiry() > ends_at_) wait();
    return now;
}

void Deadline::disarm() {
    ends_at_ = never;
    passed_ = false;
}

void Deadline::wait() {
    timer_.expires_at(ends_at_);
    timer_.async_wait([this, owner = owner_.lock()](boost::system::error_code failed) {
        if (failed) return; // for an earlier end
        timer_.expires_at(never);
        if (ends_at_ == never) return;
        if (ends_at_ > Clock::now()) return wait();
        passed_ = true;
        stream_.cancel();
    });
}

} // namespace rsf::http
