// SPDX-License-Identifier: Apache-2.0
//
// The daemon's log, handed to whoever writes to it: no global logger. Thread-safe. Lines go to standard error.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string_view>

namespace rsf::daemon {

using Log = std::shared_ptr<spdlog::logger>;

// level: trace, debug, info, warning, error or off.
Log make_log(std::string_view level);

// Writes nowhere; for tests and for commands that print.
Log silent_log();

} // namespace rsf::daemon
