// SPDX-License-Identifier: Apache-2.0
#include "service/watchdog.hpp"

#include "service/service_manager.hpp"

#include <algorithm>

namespace rsf::service {

namespace {

constexpr std::chrono::microseconds least_absence{2'000'000}; // threads show twice a second that they move

} // namespace

Watchdog::Watchdog(std::optional<std::chrono::microseconds> time, Stuck stuck, Log log)
    : stuck_(std::move(stuck)), log_(std::move(log)) {
    if (time) thread_ = std::jthread([this, time = *time](const std::stop_token &stop) { watch(stop, time); });
}

void Watchdog::watch(const std::stop_token &stop, std::chrono::microseconds time) {
    bool well = true;
    shared::Lock lock(mutex_);
    while (!stop.stop_requested()) {
        const std::optional<std::string> stuck = stuck_(std::max(time / 2, least_absence));
        if (!stuck) {
            feed_watchdog();
        } else if (well) { // the log itself may be stuck: feeding stops before it is written to
            tell_status("not working: " + *stuck);
            log_->critical("{}; the watchdog is not fed until it moves again", *stuck);
        }
        if (!stuck && !well) {
            tell_status("serving again, after it hung");
            log_->warn("what hung moves again: the watchdog is fed");
        }
        well = !stuck;
        stopping_.wait_for(lock, stop, time / 4, [] { return false; });
    }
}

} // namespace rsf::service
