// SPDX-License-Identifier: Apache-2.0
//
// Who set which field of an object, as metadata.managedFields says it, and what can be done with such sets of fields. Pure;
// thread-safe. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
#pragma once

#include <resourcifier/driver.hpp>

#include <string_view>
#include <vector>

namespace rsf::kubectl::api {

using Managers = std::vector<std::string_view>;

// Calls use(entry, fields) for each well-formed entry of metadata.managedFields.
template <class Use> void for_each_entry(const json::object &object, Use use) {
    const json::value *metadata = object.if_contains("metadata");
    const json::value *entries =
        metadata && metadata->is_object() ? metadata->get_object().if_contains("managedFields") : nullptr;
    if (!entries || !entries->is_array()) return;
    for (const json::value &each : entries->get_array()) {
        const json::object *entry = each.if_object();
        const json::value *fields = entry ? entry->if_contains("fieldsV1") : nullptr;
        if (fields && fields->is_object()) use(*entry, fields->get_object());
    }
}

// Whether the list has the entry's manager, and it wrote the object itself, not a subresource such as status.
bool is_of(const json::object &entry, const Managers &managers);

// {"f:a": {"f:b": {}}}: what is in either of them.
void unite(json::object &fields, const json::object &others);

// fields without what is in others, too.
json::object without(const json::object &fields, const json::object &others);

// The set at a path of names below fields, or nullptr: {"metadata", "finalizers"}.
const json::object *fields_at(const json::object &fields, std::initializer_list<std::string_view> path);

// object gets what live has of the fields where object has no such field. A list that object has is its own, but for one whose
// entries have keys: entries that fields name are added.
void fill_in(const json::object &fields, const json::object &live, json::object &object);

// Takes the fields out of object.
void take_out(const json::object &fields, json::object &object);

} // namespace rsf::kubectl::api
