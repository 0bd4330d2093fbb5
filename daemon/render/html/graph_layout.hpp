// SPDX-License-Identifier: Apache-2.0
//
// Where the nodes of a dependency graph are drawn: in layers from left to right, each group of connected nodes by itself. Pure;
// takes n log n time. Lengths are in CSS pixels.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace rsf::render {

struct GraphLayout {
    static constexpr int node_width = 188, node_height = 42;

    struct Spot { // a node's upper left corner
        int x = 0, y = 0;
    };
    std::vector<Spot> spots;
    int width = 0, height = 0;
};

// edges: from what comes first to what comes then; all less than nodes. Circles are drawn, too, with an edge that goes back.
GraphLayout layered(std::size_t nodes, std::span<const std::pair<std::size_t, std::size_t>> edges);

} // namespace rsf::render
