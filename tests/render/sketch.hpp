// SPDX-License-Identifier: Apache-2.0
//
// Plans to test with.
#pragma once

#include "render/plan_document.hpp"

#include <cstddef>
#include <string>

namespace rsf::test {

// One resource, with the diff between the two texts under the file names that a caller gives.
render::PlannedResource planned(const std::string &kind, const std::string &space, const std::string &name, render::Action action,
                                const std::string &before, const std::string &after);

// Deployments, Services, ConfigMaps and so on that refer to each other; every action, basis and risk among them.
render::PlanDocument sample_plan(std::size_t resources);

// Two resources with lines of 40,000 characters.
render::PlanDocument wide_plan();

// Names, paths, values and messages that try to break out of tables, fences, comments and tags.
render::PlanDocument hostile_plan();

} // namespace rsf::test
