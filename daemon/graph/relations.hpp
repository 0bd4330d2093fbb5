// SPDX-License-Identifier: Apache-2.0
//
// How the resources of a configuration relate: which refers to which, and which comes before which. Pure; thread-safe as values
// are.
#pragma once

#include "base/error.hpp"
#include "graph/dependency_graph.hpp"
#include "graph/schedule.hpp"
#include "parse/configuration.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace rsf::graph {

// The first resource of each name.
using Names = boost::unordered_flat_map<std::string_view, std::size_t>;

struct Relations {
    Names by_name;
    std::vector<bool> to_resolve; // whether anything in a resource's properties is to be replaced
    DependencyGraph references;   // from each resource to those that it refers to
    DependencyGraph order;        // creating: references as requirements, and the driver's sequences
};

// Refuses everything that Schedule::make refuses. The result refers to configuration's names.
Result<Relations> relate(const parse::Configuration &configuration, std::span<const OrderEdge> order);

// Leaves out what relate refuses, and the order within a cycle.
Relations relate_as_far_as_possible(const parse::Configuration &configuration, std::span<const OrderEdge> order);

} // namespace rsf::graph
