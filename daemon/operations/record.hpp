// SPDX-License-Identifier: Apache-2.0
//
// An operation as the store keeps it, made of what a client asks for and of how it ended. Pure.
#pragma once

#include "run/operation.hpp"
#include "run/operation_fwd.hpp"
#include "store/record.hpp"

#include <string>
#include <vector>

namespace rsf::operations {

// The object that a resource names, as far as its properties say so and no reference stands there. ns: of the request.
store::ObjectName object_of(const parse::Resource &resource, const std::string &ns);

// A step for each resource, "Pending".
std::vector<store::Step> steps_of(const run::Operation &operation);

// All that it takes to go on with the operation, as JSON; and what was written so. Refused: a text that is none.
std::string payload_of(const parse::Configuration &configuration);
Result<parse::Configuration> read_payload(const std::string &payload);

// What a recorded operation takes to go on. Refused: its record can't be read.
Result<run::Operation> resumed(const store::Operation &record, run::Resumption::How how);

// A driver's answer to a step, as far as it is known while the operation runs.
void note_answer(store::Step &step, drivers::Verb verb, const drivers::Answer &answer);

// How it ended: the states of its resources, or why the whole of it was refused.
void note_report(store::Operation &record, const run::Report &report, bool was_cancelled);
// The whole of it failed, or was cancelled, for this: each step that has not ended is aborted.
void note_refusal(store::Operation &record, const drivers::Failure &failure);

// What became of it after a restart can not be found out: each step that has not ended is unknown.
void note_loss(store::Operation &record, const std::string &why);

// What the client of an operation that has ended is told, with the properties that it posted. configuration: of the same request.
run::Report report_of(const store::Operation &record, parse::Configuration configuration);

} // namespace rsf::operations
