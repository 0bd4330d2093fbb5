// SPDX-License-Identifier: Apache-2.0
//
// Which nodes must come before which, by index. Pure; immutable once built, so safe to read from many threads. Building it and
// each question take time and memory linear in nodes and edges, and no recursion.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace rsf::graph {

inline constexpr std::size_t no_node = std::numeric_limits<std::size_t>::max();

// With a requirement, then also depends on the success of first; a sequence only says which of the two comes first.
enum class EdgeKind : bool { sequence, requirement };

struct Edge {
    std::size_t first;
    std::size_t then;
    EdgeKind kind;
};

class DependencyGraph {
  public:
    struct Successor {
        std::size_t node;
        EdgeKind kind;
    };

    // Every end of an edge is less than nodes. Of edges between the same two nodes one is left, a requirement if any of them is.
    DependencyGraph(std::size_t nodes, std::span<const Edge> edges);

    std::size_t size() const { return predecessor_counts_.size(); }
    std::span<const Successor> successors(std::size_t node) const;
    std::size_t predecessor_count(std::size_t node) const { return predecessor_counts_[node]; }

    // One cycle for each group of nodes that can all reach each other: the shortest one through the group's lowest node, which
    // stands first; the way back to it is implied. Empty: there is an order that satisfies every edge.
    std::vector<std::vector<std::size_t>> cycles() const;

    // The number of each node's group: nodes that can all reach each other have the same. Edges between groups form no cycle.
    std::vector<std::size_t> groups() const;

  private:
    bool leads_to(std::size_t from, std::size_t to) const;
    std::vector<std::size_t> cycle_through(std::size_t start, std::span<const std::size_t> group_of,
                                           std::vector<std::size_t> &reached_from) const;

    std::vector<std::size_t> offsets_; // of each node's successors, and the end
    std::vector<Successor> successors_;
    std::vector<std::size_t> predecessor_counts_;
};

} // namespace rsf::graph
