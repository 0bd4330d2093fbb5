// SPDX-License-Identifier: Apache-2.0
//
// What clients are told of an operation that was only planned. Pure.
#pragma once

#include "http/message.hpp"
#include "http/negotiation.hpp"
#include "render/plan_document.hpp"
#include "run/target.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace rsf::http {

// The outcome of a plan of verb over target as the document that reviewers get.
render::PlanDocument plan_document(run::PlanOutcome outcome, drivers::Verb verb, const run::Target &target,
                                   std::chrono::system_clock::time_point time);

// strict: a resource that would fail is a status of its own, with the same body.
Response answer_plan(const render::PlanDocument &plan, const Format &format, bool strict);

} // namespace rsf::http
