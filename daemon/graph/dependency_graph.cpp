// SPDX-License-Identifier: Apache-2.0
#include "graph/dependency_graph.hpp"

#include <algorithm>
#include <utility>

namespace rsf::graph {

DependencyGraph::DependencyGraph(std::size_t nodes, std::span<const Edge> edges)
    : offsets_(nodes + 1, 0), predecessor_counts_(nodes, 0) {
    for (const Edge &edge : edges) ++offsets_[edge.first + 1];
    for (std::size_t node = 0; node < nodes; ++node) offsets_[node + 1] += offsets_[node];
    std::vector<Successor> grouped(edges.size());
    std::vector<std::size_t> next(offsets_.begin(), offsets_.end() - 1);
    for (const Edge &edge : edges) grouped[next[edge.first]++] = {edge.then, edge.kind};

    successors_.reserve(edges.size());
    std::vector<std::size_t> kept_at(nodes,
                                     no_node); // in successors_, of the edge to each node; stale below the node's own offset
    for (std::size_t node = 0; node < nodes; ++node) {
        const std::size_t begin = offsets_[node], end = offsets_[node + 1], kept_begin = successors_.size();
        offsets_[node] = kept_begin;
        for (std::size_t i = begin; i < end; ++i) {
            const Successor &successor = grouped[i];
            std::size_t &kept = kept_at[successor.node];
            if (kept != no_node && kept >= kept_begin) {
                if (successor.kind == EdgeKind::requirement) successors_[kept].kind = EdgeKind::requirement;
                continue;
            }
            kept = successors_.size();
            successors_.push_back(successor);
            ++predecessor_counts_[successor.node];
        }
    }
    offsets_[nodes] = successors_.size();
}

std::span<const DependencyGraph::Successor> DependencyGraph::successors(std::size_t node) const {
    return {successors_.data() + offsets_[node], offsets_[node + 1] - offsets_[node]};
}

bool DependencyGraph::leads_to(std::size_t from, std::size_t to) const {
    return std::ranges::find(successors(from), to, &Successor::node) != successors(from).end();
}

// Strongly connected components (Tarjan, 1972), with the call stack kept by hand.
std::vector<std::size_t> DependencyGraph::groups() const {
    std::vector<std::size_t> group_of(size(), no_node), order(size(), no_node), low(size(), 0), open, path;
    std::vector<std::size_t> next_edge(offsets_.begin(), offsets_.end() - 1);
    std::size_t visited = 0, group_count = 0;
    for (std::size_t root = 0; root < size(); ++root) {
        if (order[root] != no_node) continue;
        path.push_back(root);
        while (!path.empty()) {
            const std::size_t node = path.back();
            if (order[node] == no_node) {
                order[node] = low[node] = visited++;
                open.push_back(node);
            }
            if (next_edge[node] < offsets_[node + 1]) {
                const std::size_t to = successors_[next_edge[node]++].node;
                if (order[to] == no_node)
                    path.push_back(to);
                else if (group_of[to] == no_node)
                    low[node] = std::min(low[node], order[to]);
                continue;
            }
            path.pop_back();
            if (!path.empty()) low[path.back()] = std::min(low[path.back()], low[node]);
            if (low[node] != order[node]) continue;
            for (std::size_t member = no_node; member != node;) {
                member = open.back();
                open.pop_back();
                group_of[member] = group_count;
            }
            ++group_count;
        }
    }
    return group_of;
}

// Breadth first within start's group. reached_from: no_node for every node of the group before; scratch that callers share.
std::vector<std::size_t> DependencyGraph::cycle_through(std::size_t start, std::span<const std::size_t> group_of,
                                                        std::vector<std::size_t> &reached_from) const {
    std::vector<std::size_t> frontier{start};
    for (std::size_t i = 0; i < frontier.size(); ++i) {
        const std::size_t node = frontier[i];
        for (const Successor &successor : successors(node)) {
            if (group_of[successor.node] != group_of[start] || reached_from[successor.node] != no_node) continue;
            reached_from[successor.node] = node;
            if (successor.node != start) {
                frontier.push_back(successor.node);
                continue;
            }
            std::vector<std::size_t> cycle;
            for (std::size_t back = node; back != start; back = reached_from[back]) cycle.push_back(back);
            cycle.push_back(start);
            std::reverse(cycle.begin(), cycle.end());
            return cycle;
        }
    }
    return {};
}

std::vector<std::vector<std::size_t>> DependencyGraph::cycles() const {
    std::vector<std::vector<std::size_t>> found;
    if (successors_.empty()) return found;
    const std::vector<std::size_t> group_of = groups();
    std::vector<std::size_t> members(size(), 0); // of each group that is still to be searched
    for (const std::size_t group : group_of) ++members[group];
    std::vector<std::size_t> reached_from(size(), no_node);
    for (std::size_t node = 0; node < size(); ++node) {
        const std::size_t count = std::exchange(members[group_of[node]], 0);
        const bool is_in_cycle = count > 1 || (count == 1 && leads_to(node, node));
        if (is_in_cycle) found.push_back(cycle_through(node, group_of, reached_from));
    }
    return found;
}

} // namespace rsf::graph
