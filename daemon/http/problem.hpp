// SPDX-License-Identifier: Apache-2.0
//
// Errors as clients see them: problem details (RFC 9457), or plain text. Pure.
#pragma once

#include "base/error.hpp"
#include "http/message.hpp"
#include "http/problem_fwd.hpp"
#include "parse/configuration.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::http {

// What is wrong at one place of the body, or with one object.
struct ProblemPart {
    Place place;
    std::string detail;
    std::optional<parse::FailureForPrograms> failure{}; // of a call
};

struct Problem {
    unsigned status = 500;
    std::string kind; // the last word of its type, "urn:resourcifier:problem:KIND"
    std::string detail{};
    std::vector<ProblemPart> parts{};
    Headers headers{};
};

[[noreturn]] void throw_exception_from_error(const Problem &problem, const boost::source_location &where);

// The form that a problem is written in.
enum class ProblemForm { json, text };

// Text for a client that sends no Accept at all, as Deployment Manager's manager: it shows the whole body to a person.
ProblemForm problem_form(const Headers &headers);
// The same for the bytes of a head that was not read to its end.
ProblemForm problem_form(std::string_view received);

// Its body is written last, by write_problem().
Response to_response(Problem problem);

// Writes the body of an answer that has a problem; leaves any other answer as it is.
void write_problem(Response &response, ProblemForm form, std::string_view request_id);

// Where a problem is, as the beginning of its sentence: "Line 4, column 3: ".
std::string in_words(const Place &place);

// The problem at a limit that all clients share. what: which limit was reached, as a sentence without its full stop.
Problem overloaded(std::string_view what);

Header retry_after(std::chrono::milliseconds delay);

} // namespace rsf::http
