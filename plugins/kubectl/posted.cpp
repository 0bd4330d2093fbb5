// SPDX-License-Identifier: Apache-2.0
#include "posted.hpp"

#include "json_parts.hpp"

namespace rsf::kubectl {

Posted read_posted(const Call &call) {
    Posted posted{call.object(), {}};
    posted.identity = kubernetes::identify(posted.object, call.type(), call.name(), call.ns());
    // kubectl takes whatever has "items" for several objects.
    if (array_at(posted.object, "items"))
        throw Error(Code::invalid, "The object is a list: post each of its items as a resource of its own.", Retry::never);
    return posted;
}

bool has_something_to_carry_over(const Posted &posted) {
    if (posted.identity.kind != "Service" || posted.identity.api_version != "v1") return false;
    const json::object *spec = object_at(posted.object, "spec");
    return spec && text_at(*spec, "type") != "ExternalName" && text_at(*spec, "clusterIP").empty();
}

void carry_over(const json::object &live, json::object &object) {
    const json::object *from = object_at(live, "spec");
    json::value *to = object.if_contains("spec");
    if (!from || !to || !to->is_object()) return;
    for (const char *field : {"clusterIP", "clusterIPs"})
        if (const json::value *value = from->if_contains(field); value && !to->get_object().contains(field))
            to->get_object()[field] = *value;
}

} // namespace rsf::kubectl
