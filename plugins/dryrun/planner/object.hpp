// SPDX-License-Identifier: Apache-2.0
//
// object.hpp: small functions on an object that several parts of the planner use. Pure functions.
#pragma once

#include "dryrun/objects/api_version.hpp"
#include "dryrun/objects/values.hpp"

#include <string>
#include <string_view>

namespace rsf::dryrun::planner {

inline constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

// Deployment.apps, as simulator::Kind::qualified returns it.
inline std::string qualified_kind(const json::object &object) {
    const std::string group = objects::group_of(objects::find_text(object, "apiVersion"));
    return std::string(objects::find_text(object, "kind")) + (group.empty() ? "" : "." + group);
}

// Whether "(known after NAME)" stands in the value's place.
inline bool is_unknown(const json::value &value) {
    constexpr std::string_view beginning = "(known after ";
    return value.is_string() && std::string_view(value.get_string()).substr(0, beginning.size()) == beginning;
}

// Erases the member at a dotted path; the other members keep their order.
inline void erase_at(json::object &object, std::string_view path) {
    const auto dot = path.rfind('.');
    json::object *holder = dot == path.npos ? &object : objects::find_mutable(object, path.substr(0, dot));
    if (holder && !holder->empty()) holder->stable_erase(dot == path.npos ? path : path.substr(dot + 1));
}

} // namespace rsf::dryrun::planner
