// SPDX-License-Identifier: Apache-2.0
//
// review_object.hpp: small things that several parts of making a plan ask of an object. Pure functions.
#pragma once

#include "object.hpp"
#include "values.hpp"

#include <string>
#include <string_view>

namespace rsf::dryrun {

inline constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

// Deployment.apps, as Kind::qualified has it.
inline std::string qualified_kind(const json::object &object) {
    const std::string group = group_of(find_text(object, "apiVersion"));
    return std::string(find_text(object, "kind")) + (group.empty() ? "" : "." + group);
}

// Whether "(known after NAME)" stands in the value's place.
inline bool is_unknown(const json::value &value) {
    constexpr std::string_view beginning = "(known after ";
    return value.is_string() && std::string_view(value.get_string()).substr(0, beginning.size()) == beginning;
}

// Takes a dotted path's last member out of the object that has it; the order of the others stays.
inline void erase_at(json::object &object, std::string_view path) {
    const auto dot = path.rfind('.');
    json::object *holder = dot == path.npos ? &object : find_mutable(object, path.substr(0, dot));
    if (holder && !holder->empty()) holder->stable_erase(dot == path.npos ? path : path.substr(dot + 1));
}

} // namespace rsf::dryrun
