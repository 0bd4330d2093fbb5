// SPDX-License-Identifier: Apache-2.0
//
// simulation.hpp: what a cluster adds to an object by itself: defaults, and the status of one in which everything went well at
// once. Pure functions of the object; addresses are another matter (addresses.hpp).
#pragma once

#include "kinds.hpp"

namespace rsf::dryrun {

// object: validated.
void fill_defaults(json::object &object, const Kind &kind);

// Whether the status of such an object is this cluster's own to write; others keep the one that they are posted with.
bool writes_status(const Kind &kind);

// object: with defaults, metadata and addresses filled in.
void fill_status(json::object &object, const Kind &kind);

} // namespace rsf::dryrun
