// SPDX-License-Identifier: Apache-2.0
//
// The daemon's log, handed to whoever writes to it: no global logger. Thread-safe. Lines go to standard error.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::daemon {

using Log = std::shared_ptr<spdlog::logger>;

inline const std::vector<std::string> log_levels{"trace", "debug", "info", "warning", "error", "off"};

// level: one of log_levels.
Log make_log(std::string_view level);

// Writes nowhere; for tests and for commands that print.
Log silent_log();

} // namespace rsf::daemon
