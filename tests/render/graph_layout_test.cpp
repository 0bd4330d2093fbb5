// SPDX-License-Identifier: Apache-2.0
#include "render/html/graph_layout.hpp"

#include "support/catch.hpp"

#include <cstddef>
#include <random>
#include <utility>
#include <vector>

using rsf::render::GraphLayout;
using rsf::render::layered;

namespace {

using Edges = std::vector<std::pair<std::size_t, std::size_t>>;

bool overlaps(const GraphLayout &layout) {
    for (std::size_t a = 0; a < layout.spots.size(); ++a)
        for (std::size_t b = a + 1; b < layout.spots.size(); ++b)
            if (std::abs(layout.spots[a].x - layout.spots[b].x) < GraphLayout::node_width &&
                std::abs(layout.spots[a].y - layout.spots[b].y) < GraphLayout::node_height)
                return true;
    return false;
}

bool fits(const GraphLayout &layout) {
    for (const GraphLayout::Spot &spot : layout.spots)
        if (spot.x < 0 || spot.y < 0 || spot.x + GraphLayout::node_width > layout.width ||
            spot.y + GraphLayout::node_height > layout.height)
            return false;
    return true;
}

} // namespace

TEST_CASE("what comes first is drawn to the left") {
    const Edges edges{{2, 0}, {0, 1}, {2, 1}, {3, 1}};
    const GraphLayout layout = layered(5, edges);
    for (const auto &[first, then] : edges) CHECK(layout.spots[first].x + GraphLayout::node_width < layout.spots[then].x);
    CHECK_FALSE(overlaps(layout));
    CHECK(fits(layout));
}

TEST_CASE("no nodes overlap, in graphs of any form") {
    std::minstd_rand random(3);
    for (std::size_t nodes : {1u, 2u, 30u, 150u, 400u}) {
        for (std::size_t edge_count : {std::size_t(0), nodes / 2, nodes * 2}) {
            Edges edges, circles;
            for (std::size_t i = 0; i < edge_count; ++i) {
                const std::size_t a = random() % nodes, b = random() % nodes;
                if (a != b) edges.emplace_back(std::min(a, b), std::max(a, b));
                circles.emplace_back(a, b);
            }
            for (const Edges &each : {edges, circles}) {
                const GraphLayout layout = layered(nodes, each);
                INFO(nodes << " nodes, " << each.size() << " edges");
                CHECK_FALSE(overlaps(layout));
                CHECK(fits(layout));
            }
        }
    }
    Edges star;
    for (std::size_t i = 1; i < 100; ++i) star.emplace_back(0, i);
    const GraphLayout layout = layered(100, star);
    CHECK_FALSE(overlaps(layout));
    CHECK(layout.height < 1000);
}

TEST_CASE("10,000 nodes are laid out at once") {
    Edges chain;
    for (std::size_t i = 1; i < 10'000; ++i) chain.emplace_back(i - 1, i);
    CHECK(layered(10'000, chain).spots.size() == 10'000);
    CHECK(layered(10'000, {}).width < 1300);
    CHECK(layered(0, {}).spots.empty());
}
