// SPDX-License-Identifier: Apache-2.0
//
// apply.hpp: what an apply makes of an object, for one manager that nobody disputes anything with. Pure functions. After
// https://kubernetes.io/docs/reference/using-api/server-side-apply/.
#pragma once

#include <resourcifier/driver.hpp>

namespace rsf::dryrun {

// live with wanted laid over it: mappings key by key, lists of things with names or other keys entry by entry, all else as wanted
// has it. What wanted does not mention stays.
json::object applied(json::object live, const json::object &wanted);

// The fields that an apply of wanted owns, in FieldsV1's form: all but who the object is and what a cluster assigns.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/: {"f:data": {"f:colour": {}}}
json::object owned_fields(const json::object &wanted);

// live without the fields that were owned and no longer are.
json::object without_disowned(json::object live, const json::object &were, const json::object &are);

// The only entry of metadata.managedFields that this cluster writes; and the fields that it names, empty where it is not there.
json::array managed_fields(std::string_view api_version, json::object fields);
json::object managed_fields_of(const json::object &object);

// The fields of held that are its writer's: those of the last apply, or all if it was created or replaced since.
json::object owned_of(const json::object &held);

} // namespace rsf::dryrun
