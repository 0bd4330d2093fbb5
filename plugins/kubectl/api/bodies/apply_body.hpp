// SPDX-License-Identifier: Apache-2.0
//
// What goes to the cluster for an apply, and whether it changed anything. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

namespace rsf::kubectl::api {

// object as an apply takes it, also where it was exported from a cluster: without what only servers write in its metadata.
// has_status: its kind has status as a subresource, which an apply of the object can't write, and would own.
json::object apply_body(json::object object, bool has_status);

// Whether an apply left the object as it was. Versions do not tell: managedFields have times in them, so that an apply to the
// same effect a second later has a new version on older servers.
bool same_content(const json::object &before, const json::object &after);

} // namespace rsf::kubectl::api
