// SPDX-License-Identifier: Apache-2.0
#include "service/service_manager.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <ctime>

namespace rsf::service {

namespace {

// Failures are ignored: the daemon goes on serving its clients.
void tell(const std::string &state) { ::sd_notify(0, state.c_str()); }

} // namespace

void tell_status(const std::string &status) { tell("STATUS=" + status); }

void tell_ready(const std::string &status) { tell("READY=1\nSTATUS=" + status); }

void tell_reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const std::int64_t microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
    tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds) + "\nSTATUS=reading the settings again");
}

void tell_stopping(const std::string &status) { tell("STOPPING=1\nSTATUS=" + status); }

std::optional<std::chrono::microseconds> watchdog_time() {
    std::uint64_t time = 0;
    if (::sd_watchdog_enabled(0, &time) <= 0) return std::nullopt;
    return std::chrono::microseconds(time);
}

void feed_watchdog() { tell("WATCHDOG=1"); }

} // namespace rsf::service
