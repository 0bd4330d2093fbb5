// SPDX-License-Identifier: Apache-2.0
//
// What is found at a request's head, once: route, target, verb, format and caller. It travels with the request. Pure.
#pragma once

#include "api/answer/problems.hpp"
#include "api/request/negotiation.hpp"
#include "api/request/query.hpp"
#include "api/request/router.hpp"
#include "api/request/uri.hpp"
#include "api/request/write_options.hpp"
#include "base/caller.hpp"
#include "drivers/verb.hpp"
#include "http/handler.hpp"
#include "targets/arrival.hpp"
#include "targets/target_fwd.hpp"

#include <array>
#include <memory>
#include <optional>

namespace rsf::api {

// A request that is worth working on.
struct Admitted {
    Route route;
    std::shared_ptr<const targets::TargetSet> targets;
    bool waits = false;                       // until a reload has made its targets; only route and targets are set
    std::shared_ptr<targets::Target> target;  // null for the routes that have none
    std::shared_ptr<targets::Target> planner; // for writes that are only to be planned
    Query query;
    drivers::Verb verb = drivers::Verb::get; // of a read or a write
    Format format;
    bool strict = false;
    WriteOptions options; // of a write
    Caller caller;
    std::array<targets::Arrival, 2> arrivals{}; // on target and planner, from when it is answered
};

OrProblem<Admitted> admit(const Request &request, std::shared_ptr<const targets::TargetSet> targets);

// The target and the operation that log lines about the request name.
http::RequestSubject subject_of(const Admitted &admitted);

// The redirect to the path without its trailing slash. None: there is no such slash, or no route without it either.
std::optional<Response> redirect(const Request &request);
// None: the method is not OPTIONS, or there is no such route.
std::optional<Response> answer_options(const Request &request);

std::string_view path_of(std::string_view target);

// Whether a body has come, or the head announces one.
bool has_body(const Request &request);

} // namespace rsf::api
