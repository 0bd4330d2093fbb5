// SPDX-License-Identifier: Apache-2.0
//
// What the service manager is told of the daemon (sd_notify(3), Type=notify); nobody, when it was not started by one.
// Thread-safe.
#pragma once

#include <string>

namespace rsf::daemon {

// Every driver is loaded and every socket bound. status: one line for people ("systemctl status").
void tell_ready(const std::string &status);
// Between this and tell_ready() the settings are read again.
void tell_reloading();
void tell_stopping(const std::string &status);

} // namespace rsf::daemon
