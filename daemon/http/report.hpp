// SPDX-License-Identifier: Apache-2.0
//
// What clients are told of an operation that was carried out or refused. Pure.
#pragma once

#include "http/message.hpp"
#include "http/negotiation.hpp"
#include "run/target.hpp"

#include <boost/json/value.hpp>

#include <string_view>

namespace rsf::http {

Response document(unsigned status, const boost::json::value &value, const Format &format);

// verb: what was done, which is not the method's own where a POST or PUT applied. strict: a failure of any resource is a status
// of its own, with the same body.
Response answer_write(drivers::Verb verb, bool is_post, run::Report report, const Format &format, bool strict);

// What a refused operation is answered with.
Problem problem_of(const run::Refusal &refusal);

// memory: where what is written is counted; null: it does not count.
Response answer_read(drivers::Answer answer, const Format &format, Share *memory = nullptr);

} // namespace rsf::http
