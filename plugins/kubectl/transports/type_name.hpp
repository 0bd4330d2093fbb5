// SPDX-License-Identifier: Apache-2.0
//
// The one name of a type that clients write in many ways (rsf.kind/1). Thread-safe as Discovery is.
#pragma once

#include "kubectl/api/types/discovery.hpp"

#include <resourcifier/driver.hpp>

namespace rsf::kubectl::transports {

// By the call's object if it says what it is, else by its type. Asks the cluster only for what discovery does not hold.
// looks_up_built_in: whether it is asked about kinds that every Kubernetes has, too; else it is not known whether they are there.
// Throws Error: not_found for a type that is not there and has no known name, unavailable where the cluster does not tell.
TypeName type_name(const Call &call, api::Discovery &discovery, bool looks_up_built_in);

} // namespace rsf::kubectl::transports
