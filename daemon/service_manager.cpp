// SPDX-License-Identifier: Apache-2.0
#include "service_manager.hpp"

#include <systemd/sd-daemon.h>

#include <ctime>

namespace rsf::daemon {

void tell_ready(const std::string &status) { ::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str()); }

void tell_reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
    ::sd_notify(0,
                ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds) + "\nSTATUS=reading the settings again").c_str());
}

void tell_stopping(const std::string &status) { ::sd_notify(0, ("STOPPING=1\nSTATUS=" + status).c_str()); }

} // namespace rsf::daemon
