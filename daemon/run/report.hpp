// SPDX-License-Identifier: Apache-2.0
//
// What an operation says of each resource when it is over. Pure.
#pragma once

#include "drivers/call.hpp"
#include "parse/configuration.hpp"

#include <string>
#include <vector>

namespace rsf::daemon {

// The state of a resource whose call was answered so. Without memory for the sentences, the status alone.
State state_of(Verb verb, const Answer &answer);

// Details that are longer than 16 KiB as JSON are left out.
FailureForPrograms for_programs(const Failure &failure);

// How many of these, which all have a state, ended how: "3 Created, 1 Failed".
std::string tally(const std::vector<Resource> &resources);

} // namespace rsf::daemon
