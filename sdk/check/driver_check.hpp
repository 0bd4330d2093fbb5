// SPDX-License-Identifier: Apache-2.0
//
// All checks of one driver, each in a process of its own. The caller has one thread: it is forked from.
#pragma once

#include "report.hpp"
#include "subject.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::check {

struct Request {
    std::filesystem::path driver; // absolute
    json::object settings;
    Sample sample;
    std::chrono::milliseconds patience{30'000}; // the time that one call may take
    std::vector<std::string> only, skip;        // names of checks; only empty: all of them. Loading is always checked

    bool wants(std::string_view check) const;
};

struct CheckName {
    const char *name, *title;
    bool is_loading; // always run, since the other checks need a loaded driver
};

// Every check, in the order in which they run.
std::vector<CheckName> names_of_checks();

// outcome: called with each as it ends, in their order.
std::vector<Outcome> check_driver(const Request &request, const std::function<void(const Outcome &)> &outcome);

} // namespace rsf::check
