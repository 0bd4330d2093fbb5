// SPDX-License-Identifier: Apache-2.0
//
// What an operation says of each resource when it is over. Pure.
#pragma once

#include "drivers/call.hpp"
#include "parse/configuration.hpp"

#include <string>
#include <vector>

namespace rsf::run {

// The state of a resource whose call was answered so. Without memory for the sentences, the status alone.
parse::State state_of(drivers::Verb verb, const drivers::Answer &answer);

// Details that are longer than 16 KiB as JSON are left out.
parse::FailureForPrograms for_programs(const drivers::Failure &failure);

// How many of these, which all have a state, ended how: "3 Created, 1 Failed".
std::string tally(const std::vector<parse::Resource> &resources);

} // namespace rsf::run
