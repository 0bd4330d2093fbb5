// SPDX-License-Identifier: Apache-2.0
//
// What a replace keeps of the live object: a manifest has the fields that its author sets, the live object also those that the
// cluster assigned and its controllers wrote. A PUT without them would be refused, or have them assigned anew. Pure; thread-safe.
#pragma once

#include "kubectl/api/bodies/managed_fields.hpp"

#include <resourcifier/driver.hpp>

namespace rsf::kubectl::api {

// Puts into object, where object does not mention it:
// - what the API server and its admission plugins assign: a Service's addresses and ports, a Job's selector, a Pod's node, ...
// - what the managers of the control plane wrote, as live's managedFields say;
// - finalizers, owners, injected caBundles and, of custom kinds, the status, unless they are own's: managers that stand for this
//   driver. What own wrote and no longer mentions was taken away on purpose.
void carry_over(const json::object &live, const Managers &own, json::object &object);

} // namespace rsf::kubectl::api
