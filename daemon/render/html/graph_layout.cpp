// SPDX-License-Identifier: Apache-2.0
#include "render/html/graph_layout.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>

namespace rsf::render {

namespace {

constexpr int column_gap = 56, row_gap = 12, group_gap = 32, page_width = 1160;
constexpr std::size_t most_rows = 14; // of a layer, before it gets another column

using Nodes = std::vector<std::size_t>;
using Neighbours = std::vector<Nodes>;
using Layers = std::vector<Nodes>;

struct Graph {
    Neighbours before, after;
};

Nodes layer_of_each(const Graph &graph) {
    const std::size_t count = graph.before.size();
    Nodes layer(count, 0), waits_for(count), ready;
    for (std::size_t node = 0; node < count; ++node) {
        waits_for[node] = graph.before[node].size();
        if (waits_for[node] == 0) ready.push_back(node);
    }
    std::size_t in_circle = 0;
    for (std::size_t i = 0;; ++i) {
        while (i == ready.size() && in_circle < count) { // what is left goes round: begin anywhere
            if (waits_for[in_circle] != 0) {
                waits_for[in_circle] = 0;
                ready.push_back(in_circle);
            }
            ++in_circle;
        }
        if (i == ready.size()) return layer;
        for (const std::size_t next : graph.after[ready[i]]) {
            if (waits_for[next] == 0) continue;
            layer[next] = std::max(layer[next], layer[ready[i]] + 1);
            if (--waits_for[next] == 0) ready.push_back(next);
        }
    }
}

std::vector<Nodes> groups_of(const Graph &graph) {
    std::vector<Nodes> groups;
    std::vector<char> seen(graph.before.size(), 0);
    for (std::size_t start = 0; start < seen.size(); ++start) {
        if (seen[start]) continue;
        seen[start] = 1;
        Nodes group{start};
        for (std::size_t i = 0; i < group.size(); ++i)
            for (const Nodes *neighbours : {&graph.before[group[i]], &graph.after[group[i]]})
                for (const std::size_t next : *neighbours)
                    if (!std::exchange(seen[next], 1)) group.push_back(next);
        std::ranges::sort(group);
        groups.push_back(std::move(group));
    }
    return groups;
}

// Each node near the middle of its neighbours, so that fewer edges cross (Sugiyama, 1981).
void sort_by_neighbours(Nodes &layer, const Neighbours &neighbours, std::vector<double> &rank) {
    std::vector<std::pair<double, std::size_t>> wanted;
    for (const std::size_t node : layer) {
        double sum = 0;
        for (const std::size_t next : neighbours[node]) sum += rank[next];
        wanted.emplace_back(neighbours[node].empty() ? rank[node] : sum / static_cast<double>(neighbours[node].size()), node);
    }
    std::ranges::stable_sort(wanted, {}, &std::pair<double, std::size_t>::first);
    for (std::size_t i = 0; i < layer.size(); ++i) {
        layer[i] = wanted[i].second;
        rank[layer[i]] = (static_cast<double>(i) + 0.5) / static_cast<double>(layer.size());
    }
}

// The group by itself, its upper left corner at 0, 0.
GraphLayout::Spot place(const Layers &layers, std::vector<GraphLayout::Spot> &spots) {
    constexpr int row = GraphLayout::node_height + row_gap;
    std::size_t tallest = 0;
    for (const Nodes &layer : layers) tallest = std::max(tallest, std::min(layer.size(), most_rows));
    const int height = static_cast<int>(tallest) * row - row_gap;
    int x = 0;
    for (const Nodes &layer : layers) {
        const std::size_t columns = (layer.size() + most_rows - 1) / most_rows, rows = (layer.size() + columns - 1) / columns;
        for (std::size_t i = 0; i < layer.size(); ++i) {
            const std::size_t column = i / rows, in_column = std::min(rows, layer.size() - column * rows);
            const int top = (height - (static_cast<int>(in_column) * row - row_gap)) / 2;
            spots[layer[i]] = {x + static_cast<int>(column) * (GraphLayout::node_width + row_gap),
                               top + static_cast<int>(i % rows) * row};
        }
        x += static_cast<int>(columns) * (GraphLayout::node_width + row_gap) - row_gap + column_gap;
    }
    return {x - column_gap, height};
}

} // namespace

GraphLayout layered(std::size_t nodes, std::span<const std::pair<std::size_t, std::size_t>> edges) {
    Graph graph{Neighbours(nodes), Neighbours(nodes)};
    for (const auto &[first, then] : edges) {
        if (first == then) continue;
        graph.before[then].push_back(first);
        graph.after[first].push_back(then);
    }
    const Nodes layer = layer_of_each(graph);
    GraphLayout layout;
    layout.spots.resize(nodes);
    const std::vector<Nodes> groups = groups_of(graph);
    std::vector<GraphLayout::Spot> sizes;
    std::vector<double> rank(nodes, 0);
    for (const Nodes &group : groups) {
        Layers layers(layer[*std::ranges::max_element(group, {}, [&](std::size_t node) { return layer[node]; })] + 1);
        for (const std::size_t node : group) layers[layer[node]].push_back(node);
        for (Nodes &each : layers) sort_by_neighbours(each, graph.before, rank);
        for (std::size_t i = layers.size(); i-- > 0;) sort_by_neighbours(layers[i], graph.after, rank);
        for (Nodes &each : layers) sort_by_neighbours(each, graph.before, rank);
        sizes.push_back(place(layers, layout.spots));
    }

    // On shelves, the tallest groups first; one that is smaller may still fit on one of the last few.
    struct Shelf {
        int x, y, height;
    };
    constexpr std::size_t most_open = 8;
    std::vector<Shelf> shelves;
    Nodes order(groups.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t group) { return sizes[group].y; });
    for (const std::size_t group : order) {
        const auto open = shelves.end() - static_cast<std::ptrdiff_t>(std::min(most_open, shelves.size()));
        auto shelf = std::find_if(open, shelves.end(), [&](const Shelf &each) { return each.x + sizes[group].x <= page_width; });
        if (shelf == shelves.end()) {
            const int gap = !shelves.empty() && shelves.back().height > GraphLayout::node_height ? group_gap : row_gap;
            shelf =
                shelves.insert(shelf, {0, shelves.empty() ? 0 : shelves.back().y + shelves.back().height + gap, sizes[group].y});
        }
        for (const std::size_t node : groups[group]) {
            layout.spots[node].x += shelf->x;
            layout.spots[node].y += shelf->y;
        }
        layout.width = std::max(layout.width, shelf->x + sizes[group].x);
        layout.height = std::max(layout.height, shelf->y + shelf->height);
        shelf->x += sizes[group].x + group_gap;
    }
    return layout;
}

} // namespace rsf::render
