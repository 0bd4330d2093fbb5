// SPDX-License-Identifier: Apache-2.0
//
// The answer to an operation that was carried out or refused. Pure.
#pragma once

#include "api/answer/problems.hpp"
#include "api/request/negotiation.hpp"
#include "base/budget.hpp"
#include "drivers/call_fwd.hpp"
#include "run/operation_fwd.hpp"

#include <boost/json/fwd.hpp>

#include <string_view>

namespace rsf::api {

Response document(unsigned status, const boost::json::value &value, const Format &format);

// verb: what was done: apply where a POST or PUT applied. strict: where a resource failed, the status says so; the body is the
// same.
Response answer_write(drivers::Verb verb, bool is_post, run::Report report, const Format &format, bool strict);

// memory: what the written text is counted against; null: it is not counted.
Response answer_read(drivers::Answer answer, const Format &format, Share *memory = nullptr);

} // namespace rsf::api
