// SPDX-License-Identifier: Apache-2.0
//
// Errors as clients see them: problem details (RFC 9457). Pure.
#pragma once

#include "drivers/driver.hpp"
#include "error.hpp"
#include "http/message.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::daemon {

// What is wrong at one place of the body.
struct ProblemPart {
    Place place;
    std::string detail;
};

struct Problem {
    unsigned status = 500;
    std::string kind; // the last word of its type, "urn:resourcifier:problem:KIND"
    std::string detail;
    std::vector<ProblemPart> parts;
    Headers headers;
};

template <class T> using OrProblem = boost::system::result<T, Problem>;
[[noreturn]] void throw_exception_from_error(const Problem &problem, const boost::source_location &where);

Response to_response(const Problem &problem, std::string_view request_id);

// What was wrong with a body or with what it asks for; parts are the causes with their places.
Problem problem_of(const Error &error, unsigned status);

// A read that the driver could not do.
Problem problem_of(const Failure &failure);

// The status that tells clients of a code from a driver or from a target.
unsigned status_of(Code code);
std::string_view kind_of(Code code); // "not-found", "already-exists", …

// At a limit that all clients share. what: of what there is as much as there may be, as a sentence without its full stop.
Problem overloaded(std::string_view what);
inline constexpr std::string_view memory_is_taken =
    "What the daemon holds of requests and answers takes as much memory as it may";

Header retry_after(std::chrono::milliseconds delay);

} // namespace rsf::daemon
