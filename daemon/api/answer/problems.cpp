// SPDX-License-Identifier: Apache-2.0
#include "api/answer/problems.hpp"

#include "drivers/call.hpp"
#include "http/problem.hpp"
#include "run/report.hpp"

#include <vector>

namespace rsf::api {

namespace {

bool has_place(const Place &place) { return place.line != 0 || !place.pointer.empty(); }

void add_parts(const Error &error, std::vector<ProblemPart> &parts) {
    if (error.causes.empty() && has_place(error.place)) parts.push_back({error.place, error.message});
    for (const Error &cause : error.causes) {
        if (cause.causes.empty())
            parts.push_back({cause.place, cause.message});
        else
            add_parts(cause, parts);
    }
}

} // namespace

Problem problem_of(const Error &error, unsigned status) {
    Problem problem{status, std::string(kind_of(error.code)), error.message};
    problem.detail.insert(0, http::in_words(error.place));
    add_parts(error, problem.parts);
    if (error.causes.size() == 1) problem.detail += (problem.detail.ends_with('.') ? " " : ": ") + error.causes[0].message;
    return problem;
}

Problem problem_of(const drivers::Failure &failure) {
    Problem problem{status_of(failure.code), std::string(kind_of(failure.code)), failure.message};
    if (problem.status == 503 || failure.retry == drivers::Failure::Retry::later)
        problem.headers.push_back(http::retry_after(failure.retry_after));
    problem.parts.push_back({{}, failure.message, run::for_programs(failure)});
    return problem;
}

unsigned status_of(Code code) {
    switch (code) {
    case Code::not_found: return 404;
    case Code::already_exists:
    case Code::conflict: return 409;
    case Code::invalid: return 400;
    // The cluster refuses the daemon, not the client: 401 and 403 would say otherwise.
    case Code::unauthorized:
    case Code::forbidden: return 502;
    case Code::unavailable:
    case Code::cancelled: return 503;
    case Code::timeout: return 504;
    case Code::unsupported: return 501;
    case Code::internal: break;
    }
    return 502;
}

std::string_view kind_of(Code code) {
    if (code == Code::unauthorized) return "target-unauthorized";
    if (code == Code::forbidden) return "target-forbidden";
    const std::string_view word = word_of(code);
    return word == word_of(Code::internal) ? "driver-failed" : word;
}

Problem problem_of_refusal(const drivers::Failure &refusal) {
    const Code code = refusal.code;
    // A refusal is due to the daemon or its load, not to what is behind it: never 502.
    const unsigned status = code == Code::invalid       ? 400
                            : code == Code::unavailable ? 503
                            : code == Code::cancelled   ? 503
                            : code == Code::unsupported ? 501
                            : code == Code::timeout     ? 504
                                                        : 500;
    Problem problem = problem_of(refusal, status);
    if (status == 503) problem.headers.push_back(http::retry_after(refusal.retry_after));
    return problem;
}

} // namespace rsf::api
