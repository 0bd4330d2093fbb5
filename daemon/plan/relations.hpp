// SPDX-License-Identifier: Apache-2.0
//
// How the resources of a configuration relate: who refers to whom, and what comes before what. Pure; thread-safe as values are.
#pragma once

#include "error.hpp"
#include "parse/configuration.hpp"
#include "plan/dependency_graph.hpp"
#include "plan/plan.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace rsf::daemon {

struct Relations {
    std::unordered_map<std::string_view, std::size_t> by_name; // names that one resource has
    DependencyGraph references;                                // from each resource to those that it refers to
    DependencyGraph order;                                     // creating: references as requirements, and the driver's sequences
};

// All that Plan::make refuses is refused here. The result refers to configuration's names.
Result<Relations> relate(const Configuration &configuration, std::span<const OrderEdge> order);

} // namespace rsf::daemon
