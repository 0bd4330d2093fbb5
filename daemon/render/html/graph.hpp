// SPDX-License-Identifier: Apache-2.0
//
// Which resources refer to which, as SVG inside HTML. Pure.
#pragma once

#include "render/html/resource.hpp"
#include "render/plan_document.hpp"

#include <cstddef>
#include <string>

namespace rsf::render {

// Larger graphs show only what changes and its neighbours.
inline constexpr std::size_t most_whole_graph = 150;

// A section, or empty when there is nothing to draw.
std::string html_graph(const PlanDocument &plan, const ResourceNumbers &numbers);

} // namespace rsf::render
