// SPDX-License-Identifier: Apache-2.0
//
// managed_fields.hpp: which fields of an object the last apply owns, as metadata.managedFields has them. There is one manager, so
// that there are no conflicts. Pure functions. After https://kubernetes.io/docs/reference/using-api/server-side-apply/.
#pragma once

#include <resourcifier/driver.hpp>

#include <string_view>

namespace rsf::dryrun::simulator {

// The fields that an apply of wanted owns, as FieldsV1: all but the identity and the fields that a cluster assigns.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/: {"f:data": {"f:colour": {}}}
json::object owned_fields(const json::object &wanted);

// live without the fields in were that are not in are.
json::object without_disowned(json::object live, const json::object &were, const json::object &are);

// metadata.managedFields with one entry for these fields; and the fields of that entry, empty if there is none.
json::array managed_fields(std::string_view api_version, json::object fields);
json::object managed_fields_of(const json::object &object);

// The fields of held that the next apply may remove: those of the last apply, or all if it was created or replaced since.
json::object owned_of(const json::object &held);

} // namespace rsf::dryrun::simulator
