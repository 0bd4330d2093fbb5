// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/bodies/apply_body.hpp"

#include "kubectl/text/json_parts.hpp"

namespace rsf::kubectl::api {

namespace {

// Of the object's own fields, without what servers note, and what is written apart from it.
json::object content(json::object object) {
    object.erase("status");
    if (json::value *metadata = object.if_contains("metadata"); metadata && metadata->is_object())
        for (const char *key : {"resourceVersion", "managedFields", "selfLink"}) metadata->get_object().erase(key);
    return object;
}

} // namespace

json::object apply_body(json::object object, bool has_status) {
    if (has_status) object.stable_erase("status");
    if (json::value *metadata = object.if_contains("metadata"); metadata && metadata->is_object())
        for (const char *key : {"resourceVersion", "managedFields", "selfLink", "uid", "creationTimestamp", "generation",
                                "deletionTimestamp", "deletionGracePeriodSeconds"})
            metadata->get_object().stable_erase(key);
    return object;
}

// Where status is a field like others, a change of it counts as a generation.
bool same_content(const json::object &before, const json::object &after) { return content(before) == content(after); }

} // namespace rsf::kubectl::api
