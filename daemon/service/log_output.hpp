// SPDX-License-Identifier: Apache-2.0
//
// Where the daemon's log goes, and in which form.
#pragma once

#include "base/log.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rsf::service {

inline const std::vector<std::string> log_levels{"trace", "debug", "info", "warning", "error", "off"};

// "text": lines on standard error. "json": objects there, one a line. "journal": systemd's journal, with fields. "automatic": the
// journal if standard error is connected with it, else text.
inline const std::vector<std::string> log_formats{"automatic", "text", "json", "journal"};

// level, format: of those above. If level is off, one line says so.
Log make_log(std::string_view level, std::string_view format);

// Logs the change in any case, whatever the old and the new level are.
void change_level(const Log &log, const std::string &level);

} // namespace rsf::service
