// SPDX-License-Identifier: Apache-2.0
#include "graph/dependency_graph.hpp"

#include "support/catch.hpp"

#include <numeric>
#include <string>
#include <vector>

using namespace rsf::graph;

namespace {

using Nodes = std::vector<std::size_t>;
using Cycles = std::vector<Nodes>;
constexpr auto requirement = EdgeKind::requirement;
constexpr auto sequence = EdgeKind::sequence;

} // namespace

TEST_CASE("edges between the same two nodes collapse, and a requirement among them prevails") {
    struct Row {
        std::string name;
        std::vector<Edge> edges;
        EdgeKind left;
    };
    const std::vector<Row> rows{
        {"two sequences", {{0, 1, sequence}, {0, 1, sequence}}, sequence},
        {"two requirements", {{0, 1, requirement}, {0, 1, requirement}}, requirement},
        {"a sequence, then a requirement", {{0, 1, sequence}, {0, 1, requirement}}, requirement},
        {"a requirement, then a sequence", {{0, 1, requirement}, {0, 1, sequence}}, requirement},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const DependencyGraph graph(2, row.edges);
        REQUIRE(graph.successors(0).size() == 1);
        CHECK(graph.successors(0)[0].node == 1);
        CHECK(graph.successors(0)[0].kind == row.left);
        CHECK(graph.predecessor_count(1) == 1);
        CHECK(graph.predecessor_count(0) == 0);
    }
}

TEST_CASE("edges to the same node from different nodes stay apart") {
    const DependencyGraph graph(3, std::vector<Edge>{{0, 2, sequence}, {1, 2, requirement}, {0, 2, sequence}, {0, 1, sequence}});
    CHECK(graph.predecessor_count(2) == 2);
    CHECK(graph.successors(0).size() == 2);
    CHECK(graph.successors(1).size() == 1);
    CHECK(graph.successors(2).empty());
}

TEST_CASE("the cycles of a graph are found, each once") {
    struct Row {
        std::string name;
        std::size_t nodes;
        std::vector<Edge> edges;
        Cycles cycles;
    };
    const std::vector<Row> rows{
        {"no node", 0, {}, {}},
        {"no edge", 3, {}, {}},
        {"a diamond is none", 4, {{0, 1, requirement}, {0, 2, requirement}, {1, 3, requirement}, {2, 3, requirement}}, {}},
        {"a node before itself", 2, {{1, 1, requirement}}, {{1}}},
        {"two nodes", 2, {{0, 1, requirement}, {1, 0, sequence}}, {{0, 1}}},
        {"the way in and the way out are no part of it",
         5,
         {{0, 1, requirement}, {1, 2, requirement}, {2, 3, requirement}, {3, 1, requirement}, {3, 4, requirement}},
         {{1, 2, 3}}},
        {"two apart", 4, {{0, 1, requirement}, {1, 0, requirement}, {2, 3, requirement}, {3, 2, requirement}}, {{0, 1}, {2, 3}}},
        {"the shorter of two through the same node",
         4,
         {{0, 1, requirement}, {1, 2, requirement}, {2, 3, requirement}, {3, 0, requirement}, {1, 0, requirement}},
         {{0, 1}}},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(DependencyGraph(row.nodes, row.edges).cycles() == row.cycles);
    }
}

TEST_CASE("a cycle of a hundred thousand nodes needs no deep stack") {
    constexpr std::size_t count = 100'000;
    std::vector<Edge> edges;
    for (std::size_t i = 0; i < count; ++i) edges.push_back({i, (i + 1) % count, requirement});
    Nodes all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    CHECK(DependencyGraph(count, edges).cycles() == Cycles{all});
    edges.pop_back();
    CHECK(DependencyGraph(count, edges).cycles().empty());
}
