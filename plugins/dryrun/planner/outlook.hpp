// SPDX-License-Identifier: Apache-2.0
//
// outlook.hpp: what would become of one resource, as the planner works with it: whole objects, nothing masked. step_document.hpp
// turns it into what people see. Plain values.
#pragma once

#include "changes/conventions.hpp"
#include "live_target.hpp"

#include <resourcifier/driver.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun::planner {

// How the planner knows what it says; docs/plan.schema.json has the same words.
namespace basis {
inline constexpr std::string_view server = "server";     // the cluster answered a dry run
inline constexpr std::string_view client = "client";     // merged here, without asking the cluster
inline constexpr std::string_view deferred = "deferred"; // the cluster can't be asked before an earlier step is done
} // namespace basis

struct Outlook {
    std::string_view action; // as in a plan's step
    std::string_view basis;
    std::string reason;                        // why the basis is not the server
    std::optional<json::object> before, after; // whole objects
    json::value object;                        // what references of later resources read
    json::array takes_along;                   // identities of the objects that are deleted with it
    std::vector<std::string> notices;          // shown among the risks
    std::vector<std::string> warnings;         // of the target's
};

// Whether the objects in it follow the conventions of Kubernetes.
Conventions conventions_of(const Outlook &outlook, const LiveTarget &target);

} // namespace rsf::dryrun::planner
