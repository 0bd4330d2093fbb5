// SPDX-License-Identifier: Apache-2.0
#include "render/html/graph.hpp"

#include "render/html/graph_layout.hpp"
#include "render/html/text.hpp"
#include "render/words.hpp"

#include <limits>
#include <utility>
#include <vector>

namespace rsf::render {

namespace {

using Edges = std::vector<std::pair<std::size_t, std::size_t>>; // from what is referred to, to what refers to it

constexpr int margin = 8;

Edges edges_of(const PlanDocument &plan, const ResourceNumbers &numbers) {
    Edges edges;
    for (std::size_t i = 0; i < plan.resources.size(); ++i)
        for (const std::string &name : plan.resources[i].depends_on)
            if (const auto at = numbers.find(name); at != numbers.end() && at->second != i) edges.emplace_back(at->second, i);
    return edges;
}

std::vector<std::size_t> shown_in(const PlanDocument &plan, const Edges &edges) {
    const auto changes = [&](std::size_t node) { return plan.resources[node].action != Action::unchanged; };
    std::vector<char> wanted(plan.resources.size(), plan.resources.size() <= most_whole_graph);
    for (std::size_t node = 0; node < wanted.size(); ++node)
        if (changes(node)) wanted[node] = 1;
    for (const auto &[first, then] : edges)
        if (changes(first) || changes(then)) wanted[first] = wanted[then] = 1;
    std::vector<std::size_t> shown;
    for (std::size_t node = 0; node < wanted.size(); ++node)
        if (wanted[node]) shown.push_back(node);
    return shown;
}

// In a node of fixed width; the title has all of it.
std::string shortened(const std::string &text) {
    constexpr std::size_t longest = 21;
    std::size_t at = 0, length = 0;
    for (; at < text.size() && length <= longest; ++at) length += (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    return at == text.size() ? text : text.substr(0, at - 1) + "…";
}

std::string node(const PlannedResource &resource, std::size_t number, const GraphLayout::Spot &spot) {
    const std::string action(to_string(resource.action)), kind = kind_of(resource);
    const std::string deferred = resource.basis == Basis::deferred ? " deferred" : "";
    return "<a href=\"#r-" + std::to_string(number) + "\"><g class=\"node " + action + deferred + "\" transform=\"translate(" +
           std::to_string(spot.x + margin) + " " + std::to_string(spot.y + margin) + ")\"><title>" +
           escaped(action + deferred + " " + kind + " " + full_name_of(resource)) + "</title><rect width=\"" +
           std::to_string(GraphLayout::node_width) + "\" height=\"" + std::to_string(GraphLayout::node_height) +
           "\" rx=\"6\"/><g clip-path=\"url(#node)\"><text class=\"sign\" x=\"10\" y=\"27\">" + sign_of(resource.action) +
           "</text><text class=\"kind\" x=\"28\" y=\"17\">" + escaped(shortened(kind)) +
           "</text><text class=\"name\" x=\"28\" y=\"33\">" + escaped(shortened(name_of(resource))) + "</text></g></g></a>\n";
}

std::string edge(const GraphLayout::Spot &first, const GraphLayout::Spot &then) {
    const int x = first.x + GraphLayout::node_width + margin, y = first.y + GraphLayout::node_height / 2 + margin;
    const int to_x = then.x + margin, to_y = then.y + GraphLayout::node_height / 2 + margin;
    const auto point = [](int a, int b) { return std::to_string(a) + " " + std::to_string(b); };
    return "M" + point(x, y) + "C" + point(x + 32, y) + " " + point(to_x - 32, to_y) + " " + point(to_x, to_y);
}

} // namespace

std::string html_graph(const PlanDocument &plan, const ResourceNumbers &numbers) {
    const Edges edges = edges_of(plan, numbers);
    const std::vector<std::size_t> shown = shown_in(plan, edges);
    if (shown.empty()) return {};
    constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    std::vector<std::size_t> place(plan.resources.size(), none);
    for (std::size_t i = 0; i < shown.size(); ++i) place[shown[i]] = i;
    Edges drawn;
    for (const auto &[first, then] : edges)
        if (place[first] != none && place[then] != none) drawn.emplace_back(place[first], place[then]);
    const GraphLayout layout = layered(shown.size(), drawn);

    std::string out =
        "<section class=\"graph\" aria-labelledby=\"graph\"><h2 id=\"graph\">Dependencies</h2>\n<p class=\"quiet\">";
    if (drawn.empty())
        out += "No resource refers to another. ";
    else
        out += "From left to right: a resource and those that refer to it. ";
    if (const std::size_t left_out = plan.resources.size() - shown.size(); left_out != 0)
        out += "Drawn are the resources that change and their neighbours; " + std::to_string(left_out) +
               (left_out == 1 ? " unchanged one is left out. " : " unchanged ones are left out. ");
    const std::string width = std::to_string(layout.width + 2 * margin), height = std::to_string(layout.height + 2 * margin);
    out += "</p>\n<div class=\"canvas\"><svg role=\"group\" aria-labelledby=\"graph\" "
           "width=\"" +
           width + "\" height=\"" + height + "\" viewBox=\"0 0 " + width + " " + height +
           "\">\n<defs><clipPath id=\"node\"><rect width=\"" + std::to_string(GraphLayout::node_width - 6) + "\" height=\"" +
           std::to_string(GraphLayout::node_height) + "\"/></clipPath></defs>\n<path class=\"edges\" d=\"";
    for (const auto &[first, then] : drawn) out += edge(layout.spots[first], layout.spots[then]);
    out += "\"/>\n";
    for (std::size_t i = 0; i < shown.size(); ++i) out += node(plan.resources[shown[i]], shown[i], layout.spots[i]);
    return out + "</svg></div>\n</section>\n";
}

} // namespace rsf::render
