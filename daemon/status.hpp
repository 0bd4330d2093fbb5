// SPDX-License-Identifier: Apache-2.0
//
// What an operator is told of the running daemon: how it is, and with which settings it runs.
#pragma once

#include "config/settings.hpp"
#include "targets/live_targets.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::daemon {

// The daemon at this moment.
struct StatusOf {
    const targets::LiveTargets &live;
    std::string_view version;
    std::vector<std::string> addresses;
    std::chrono::system_clock::time_point since; // when it began to serve
};

// Asks every driver for its health, and waits for half a second at most for those that do not answer.
boost::json::object status_document(const StatusOf &of);
// A document of status_document() for people: some lines, and a table of the targets. now: for how long it has served.
std::string status_text(const boost::json::object &document, std::chrono::system_clock::time_point now);

// The settings in force as a settings file has them, with every default, also those of drivers, and "***" for every secret.
boost::json::object settings_document(const targets::LiveTargets &live);

} // namespace rsf::daemon
