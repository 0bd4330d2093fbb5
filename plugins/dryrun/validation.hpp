// SPDX-License-Identifier: Apache-2.0
//
// validation.hpp: what the simulated cluster refuses an object for. Pure functions; they throw rsf::Error (invalid) with every
// fault that they found.
#pragma once

#include "kinds.hpp"

#include <string>

namespace rsf::dryrun {

// object: with apiVersion, kind, and a name that kubernetes::identify took.
void validate(const json::object &object, const Kind &kind, const std::string &name);

// Whether wanted may take the place of held. Both validated and filled in.
void validate_change(const json::object &wanted, const json::object &held, const Kind &kind, const std::string &name);

} // namespace rsf::dryrun
