// SPDX-License-Identifier: Apache-2.0
//
// The answer to an operation that was only planned. Pure.
#pragma once

#include "api/answer/problems.hpp"
#include "api/request/negotiation.hpp"
#include "drivers/verb.hpp"
#include "run/operation_fwd.hpp"
#include "targets/target_fwd.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace rsf::render {
struct PlanDocument;
} // namespace rsf::render

namespace rsf::api {

// The outcome of a plan of verb over target as the document that reviewers get.
render::PlanDocument plan_document(run::PlanOutcome outcome, drivers::Verb verb, const targets::Target &target,
                                   std::chrono::system_clock::time_point time);

// strict: where a resource would fail, the status says so; the body is the same.
Response answer_plan(const render::PlanDocument &plan, const Format &format, bool strict);

} // namespace rsf::api
