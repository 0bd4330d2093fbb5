// SPDX-License-Identifier: Apache-2.0
//
// The end of a request that changes nothing, whatever its work does: the setting answer_within of its target. Thread-safe.
#pragma once

#include "api/answer/problems.hpp"
#include "api/tools.hpp"

#include <chrono>
#include <stop_token>
#include <string>

namespace rsf::targets {
class Target;
} // namespace rsf::targets

namespace rsf::api {

// "the 10s that target 'prod' gives with answer_within", for a sentence.
std::string answer_within_of(const targets::Target &target);

// What the work is given in place of the client's own.
struct InTime {
    Respond respond;        // the first answer counts
    std::stop_token stop{}; // the client left, or was answered that it took too long
};

// From now on. Of a target without answer_within they are the client's own.
InTime answered_in_time(const Tools &tools, const targets::Target &target, std::stop_token client_gone, Respond respond);

} // namespace rsf::api
