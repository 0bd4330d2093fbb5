// SPDX-License-Identifier: Apache-2.0
//
// All checks of one driver, each in a process of its own. The caller has one thread: it is forked from.
#pragma once

#include "report.hpp"
#include "subject.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <vector>

namespace rsf::check {

struct Request {
    std::filesystem::path driver; // absolute
    json::object settings;
    Sample sample;
    std::chrono::milliseconds patience{30'000}; // with one call
};

std::size_t count_of_checks();

// outcome: told of each as it ends, in their order.
std::vector<Outcome> check_driver(const Request &request, const std::function<void(const Outcome &)> &outcome);

} // namespace rsf::check
