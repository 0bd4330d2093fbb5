// SPDX-License-Identifier: Apache-2.0
//
// validation.hpp: the checks of the simulated cluster. Pure functions that throw Error(invalid) with all faults that they found.
#pragma once

#include "kinds.hpp"

#include <string>

namespace rsf::dryrun::simulator {

// object: with apiVersion, kind, and a name that kubernetes::identify accepted.
void validate(const json::object &object, const Kind &kind, const std::string &name);

// Whether wanted may replace held. Both are validated, with defaults.
void validate_change(const json::object &wanted, const json::object &held, const Kind &kind, const std::string &name);

} // namespace rsf::dryrun::simulator
