// SPDX-License-Identifier: Apache-2.0
#include "graph/same_objects.hpp"

#include "base/json_pointer.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace rsf::graph {

namespace {

constexpr std::size_t most_conflicts = 100;

boost::json::object without_namespace(boost::json::object properties) {
    boost::json::value *metadata = properties.if_contains("metadata");
    if (metadata && metadata->is_object()) metadata->get_object().erase("namespace");
    return properties;
}

std::string_view text_in(const boost::json::object &object, std::string_view key) {
    const boost::json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

Error two_things_at_once(const parse::Configuration &configuration, std::size_t first, std::size_t other) {
    const parse::Resource &one = configuration.resources[first], &two = configuration.resources[other];
    Place place = two.place;
    if (place.pointer.empty()) place.pointer = below("/resources", other);
    return invalid(in_quotes(one.name) + " and " + in_quotes(two.name) + " are " +
                   same_object_in_words(one.properties, one.name) +
                   ", and not alike: leave one of them out, or give it another name in its metadata")
        .at(std::move(place));
}

} // namespace

std::string same_object_in_words(const boost::json::object &identity, const std::string &name) {
    std::string words(text_in(identity, "kind"));
    const boost::json::value *metadata = identity.if_contains("metadata");
    if (words.empty() || !metadata || !metadata->is_object()) return "the same object";
    const std::string_view ns = text_in(metadata->get_object(), "namespace"), own = text_in(metadata->get_object(), "name");
    words.append(" ").append(ns).append(ns.empty() ? "" : "/").append(own.empty() ? name : own);
    return "the same object (" + printable(words, 300) + ")";
}

Result<SameObjects> find_same_objects(const parse::Configuration &configuration, Direction direction,
                                      std::vector<OrderEdge> &order) {
    const std::size_t count = configuration.resources.size();
    std::set<std::pair<std::size_t, std::size_t>> forwards, both; // of the lower to the higher
    for (const OrderEdge &edge : order)
        if (edge.first < edge.then) forwards.emplace(edge.first, edge.then);
    const auto is_return = [&](const OrderEdge &edge) {
        if (edge.first <= edge.then || edge.first >= count || !forwards.contains({edge.then, edge.first})) return false;
        both.emplace(edge.then, edge.first);
        return true;
    };
    std::erase_if(order, is_return);
    if (both.empty()) return SameObjects();
    // The remaining edges go from the first to the others, whichever way they are walked.
    if (direction == Direction::dependants_first)
        for (OrderEdge &edge : order)
            if (both.contains({edge.first, edge.then})) std::swap(edge.first, edge.then);

    SameObjects first_of(count);
    std::iota(first_of.begin(), first_of.end(), std::size_t{0});
    std::vector<Error> problems;
    for (const auto &[lower, higher] : both) { // in their order, so that the lower one is settled
        const std::size_t first = first_of[lower];
        first_of[higher] = std::min(first_of[higher], first);
        const auto content = [&](std::size_t of) { return without_namespace(configuration.resources[of].properties); };
        if (direction == Direction::dependencies_first && problems.size() < most_conflicts && content(first) != content(higher))
            problems.push_back(two_things_at_once(configuration, first, higher));
    }
    if (!problems.empty()) return invalid("one object stands in the configuration twice").because(std::move(problems));
    return first_of;
}

} // namespace rsf::graph
