// SPDX-License-Identifier: Apache-2.0
#include "graph/relations.hpp"

#include "base/json_pointer.hpp"
#include "base/text.hpp"
#include "parse/references.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace rsf::graph {

namespace {

constexpr std::size_t most_causes = 100;

// The search for the nearest name takes time for each name. A configuration with very many mistakes gets hints for the first ones
// only.
constexpr std::size_t most_comparisons = 20'000;
constexpr std::size_t longest_comparable = 64;

class Relating {
  public:
    Relating(const parse::Configuration &configuration, std::span<const OrderEdge> order)
        : configuration_(configuration), order_(order), to_resolve_(configuration.resources.size()) {}

    Result<Relations> relate();
    Relations relate_as_far_as_possible();

  private:
    const parse::Resource &resource(std::size_t index) const { return configuration_.resources[index]; }
    std::string title(std::size_t index) const;
    std::string type_of_namesake(std::size_t index) const;
    Place place(std::size_t index, const std::string &pointer) const;
    void problem(Code code, std::string message, Place place);

    void read_names();
    void read_references(std::size_t index);
    void read_order();
    void read();
    Relations related(DependencyGraph order);
    std::string hint(const std::string &name, std::size_t of); // of: the resource that names it
    void report_cycle(const DependencyGraph &graph, const std::vector<std::size_t> &cycle);
    std::string driver_reason(std::size_t first, std::size_t then) const;
    Place place_of_reference(std::size_t from, std::size_t to) const;

    const parse::Configuration &configuration_;
    const std::span<const OrderEdge> order_;
    Names by_name_;
    Names namesakes_; // the second resource of a name that several have
    std::vector<bool> to_resolve_;
    std::vector<std::string_view> comparable_; // names, each once; filled when first needed
    std::size_t comparisons_ = 0;
    std::vector<Edge> references_; // first: the resource that refers
    std::vector<Edge> edges_;
    std::vector<Error> problems_;
    std::size_t problem_count_ = 0;
};

// A name, and what distinguishes it where several resources have it.
std::string Relating::title(std::size_t index) const {
    const std::string text = printable(resource(index).name, 100);
    return namesakes_.contains(resource(index).name) ? text + " (" + type_of_namesake(index) + ")" : text;
}

// The type of a resource that shares its name, with its number where the type is shared too.
std::string Relating::type_of_namesake(std::size_t index) const {
    const parse::Resource &named = resource(index);
    const std::string text = printable(named.type, 100);
    const bool same = resource(by_name_.at(named.name)).type == resource(namesakes_.at(named.name)).type;
    return same ? text + ", number " + std::to_string(index + 1) : text;
}

Place Relating::place(std::size_t index, const std::string &pointer) const {
    Place place = resource(index).place;
    if (place.pointer.empty()) place.pointer = below("/resources", index);
    place.pointer += pointer;
    return place;
}

void Relating::problem(Code code, std::string message, Place place) {
    if (problem_count_++ < most_causes) problems_.push_back({code, std::move(message), std::move(place), {}});
}

void Relating::read_names() {
    by_name_.reserve(configuration_.resources.size());
    for (std::size_t i = 0; i < configuration_.resources.size(); ++i)
        if (!by_name_.try_emplace(resource(i).name, i).second) namesakes_.try_emplace(resource(i).name, i);
}

std::string Relating::hint(const std::string &name, std::size_t of) {
    if (comparable_.empty())
        for (const auto &[known, bearer] : by_name_)
            if (known.size() <= longest_comparable) comparable_.push_back(known);
    if (comparisons_ > most_comparisons) return {};
    comparisons_ += comparable_.size();
    // Its own name is left out: a resource that refers to itself would be a cycle.
    std::vector<std::string_view> others = comparable_;
    std::erase(others, std::string_view(resource(of).name));
    return did_you_mean(name, others);
}

void Relating::read_references(std::size_t index) {
    const Result<parse::References> references = parse::find_references(resource(index).properties);
    if (!references) {
        const Error &error = references.error();
        problem(Code::invalid, error.message, place(index, "/properties" + error.place.pointer));
        return;
    }
    to_resolve_[index] = references->to_resolve;
    for (const parse::Reference &reference : references->all) {
        const auto at = by_name_.find(reference.name);
        if (at == by_name_.end()) {
            problem(Code::invalid,
                    printable(reference.text(), 100) + " refers to " + in_quotes(reference.name) +
                        ", but no resource has that name" + hint(reference.name, index),
                    place(index, "/properties" + reference.pointer));
        } else if (const auto other = namesakes_.find(reference.name); other != namesakes_.end()) {
            problem(Code::invalid,
                    printable(reference.text(), 100) + " is ambiguous: " + in_quotes(reference.name) + " is the name of a " +
                        type_of_namesake(at->second) + " and of a " + type_of_namesake(other->second) +
                        "; give one of them another name",
                    place(index, "/properties" + reference.pointer));
        } else {
            references_.push_back({index, at->second, EdgeKind::requirement});
            edges_.push_back({at->second, index, EdgeKind::requirement});
        }
    }
}

void Relating::read_order() {
    const std::size_t count = configuration_.resources.size();
    for (const OrderEdge &edge : order_) {
        if (edge.first >= count || edge.then >= count) {
            problem(Code::internal,
                    "the driver's order names resource " + std::to_string(std::max(edge.first, edge.then)) + " of " +
                        std::to_string(count) + ", counted from 0; this is a fault of the driver",
                    {});
        } else if (edge.first == edge.then) {
            problem(Code::internal,
                    "the driver's order puts " + in_quotes(resource(edge.first).name) +
                        " before itself; this is a fault of the driver",
                    place(edge.first, ""));
        } else {
            edges_.push_back({edge.first, edge.then, EdgeKind::sequence});
        }
    }
}

std::string Relating::driver_reason(std::size_t first, std::size_t then) const {
    for (const OrderEdge &edge : order_)
        if (edge.first == first && edge.then == then && !edge.why.empty()) return printable(edge.why);
    return {};
}

Place Relating::place_of_reference(std::size_t from, std::size_t to) const {
    if (const Result<parse::References> references = parse::find_references(resource(from).properties))
        for (const parse::Reference &reference : references->all)
            if (reference.name == resource(to).name) return place(from, "/properties" + reference.pointer);
    return place(from, "");
}

// cycle goes from each node to the one after it; people read it the other way: which one waits for which.
void Relating::report_cycle(const DependencyGraph &graph, const std::vector<std::size_t> &cycle) {
    constexpr std::size_t most_reasons = 10; // each is looked for in all of the driver's order
    std::string names = title(cycle.front()), reasons;
    std::size_t reason_count = 0;
    std::optional<Place> where;
    for (std::size_t i = cycle.size(); i-- > 0;) {
        const std::size_t first = cycle[i], then = cycle[(i + 1) % cycle.size()];
        names += " -> " + title(first);
        const auto successors = graph.successors(first);
        const auto edge = std::ranges::find(successors, then, &DependencyGraph::Successor::node);
        if (edge->kind == EdgeKind::requirement) {
            if (!where) where = place_of_reference(then, first);
        } else if (reason_count++ < most_reasons) {
            const std::string why = driver_reason(first, then);
            reasons += "; the driver puts " + title(first) + " before " + title(then) + (why.empty() ? "" : ": " + why);
        }
    }
    if (where) {
        problem(Code::invalid, "resources wait for each other in a circle: " + names + reasons, std::move(*where));
    } else {
        problem(Code::internal, "the driver's order goes in a circle: " + names + reasons + "; this is a fault of the driver",
                place(cycle.front(), ""));
    }
}

void Relating::read() {
    read_names();
    for (std::size_t i = 0; i < configuration_.resources.size(); ++i) read_references(i);
    read_order();
}

Relations Relating::related(DependencyGraph order) {
    return Relations{std::move(by_name_), std::move(to_resolve_), DependencyGraph(configuration_.resources.size(), references_),
                     std::move(order)};
}

Relations Relating::relate_as_far_as_possible() {
    read();
    const std::vector<std::size_t> group_of = DependencyGraph(configuration_.resources.size(), edges_).groups();
    std::erase_if(edges_, [&](const Edge &edge) { return group_of[edge.first] == group_of[edge.then]; });
    return related(DependencyGraph(configuration_.resources.size(), edges_));
}

Result<Relations> Relating::relate() {
    read();
    DependencyGraph graph(configuration_.resources.size(), edges_);
    for (const std::vector<std::size_t> &cycle : graph.cycles()) report_cycle(graph, cycle);

    if (problem_count_ != 0) {
        const bool by_client = std::ranges::any_of(problems_, [](const Error &error) { return error.code == Code::invalid; });
        Error error{by_client ? Code::invalid : Code::internal,
                    "the resources have no order that can be followed",
                    {},
                    std::move(problems_)};
        if (problem_count_ > most_causes)
            error.causes.push_back(
                error_of(error.code, "and " + std::to_string(problem_count_ - most_causes) + " more problems"));
        return error;
    }
    return related(std::move(graph));
}

} // namespace

Result<Relations> relate(const parse::Configuration &configuration, std::span<const OrderEdge> order) {
    return Relating(configuration, order).relate();
}

Relations relate_as_far_as_possible(const parse::Configuration &configuration, std::span<const OrderEdge> order) {
    return Relating(configuration, order).relate_as_far_as_possible();
}

} // namespace rsf::graph
