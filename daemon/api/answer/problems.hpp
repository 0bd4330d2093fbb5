// SPDX-License-Identifier: Apache-2.0
//
// The statuses and problems that errors, failures and refusals are answered with. Pure.
#pragma once

#include "base/error.hpp"
#include "drivers/call_fwd.hpp"
#include "http/message.hpp"
#include "http/problem_fwd.hpp"

#include <string_view>

namespace rsf::api {

// What the API takes from http: requests, answers and problems.
using http::Header, http::header_values, http::Headers, http::OrProblem, http::Problem, http::ProblemPart, http::Request,
    http::Respond, http::Response;

// For an error in a body or in what it asks for; parts are the causes with their places.
Problem problem_of(const Error &error, unsigned status);

// A read that the driver could not do.
Problem problem_of(const drivers::Failure &failure);

// The status that tells clients of a code from a driver or from a target.
unsigned status_of(Code code);
std::string_view kind_of(Code code); // "not-found", "already-exists", …

// What a refused operation is answered with.
Problem problem_of_refusal(const drivers::Failure &refusal);

} // namespace rsf::api
