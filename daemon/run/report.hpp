// SPDX-License-Identifier: Apache-2.0
//
// The states that an operation reports for its resources. Pure.
#pragma once

#include "drivers/call.hpp"
#include "parse/configuration.hpp"

#include <span>
#include <string>
#include <vector>

namespace rsf::run {

// The state of a resource by the answer to its call. Without memory for the sentences, the status alone.
parse::State state_of(drivers::Verb verb, const drivers::Answer &answer);

// Details that are longer than 16 KiB as JSON are left out.
parse::FailureForPrograms for_programs(const drivers::Failure &failure);

// How many of these, which all have a state, ended how: "3 Created, 1 Failed".
std::string tally(std::span<const parse::Resource> resources);

} // namespace rsf::run
