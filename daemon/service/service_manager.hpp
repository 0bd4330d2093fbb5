// SPDX-License-Identifier: Apache-2.0
//
// Notifies the service manager (sd_notify(3), Type=notify); does nothing where none started the daemon. Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace rsf::service {

// status, here and below: one line for people, as "systemctl status" shows it.
void tell_status(const std::string &status);
// Every driver is loaded and every socket bound; or a reload is over.
void tell_ready(const std::string &status);
// The settings are being read again, until tell_ready().
void tell_reloading();
void tell_stopping(const std::string &status);

// How long the daemon may be silent before it is taken for dead; none: there is no watchdog.
std::optional<std::chrono::microseconds> watchdog_time();
// The daemon is alive.
void feed_watchdog();

} // namespace rsf::service
