// SPDX-License-Identifier: Apache-2.0
//
// simulation.hpp: the fields that a cluster adds to an object: defaults, and the status of an object whose controllers have
// finished with success. Pure functions; addresses are in addresses.hpp.
#pragma once

#include "kinds.hpp"

namespace rsf::dryrun::simulator {

// object: validated.
void fill_defaults(json::object &object, const Kind &kind);

// Whether this cluster writes the status of the kind. Objects of other kinds keep the status that was posted.
bool writes_status(const Kind &kind);

// object: with defaults, metadata and addresses filled in.
void fill_status(json::object &object, const Kind &kind);

} // namespace rsf::dryrun::simulator
