// SPDX-License-Identifier: Apache-2.0
#include "graph/same_objects.hpp"

#include "graph/sketch.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace rsf::base;
using namespace rsf::graph;
using namespace rsf::parse;
using namespace rsf::graph::test;

namespace {

constexpr const char *twin = R"({"kind": "ConfigMap", "metadata": {"name": "twin", "namespace": "default"}, "data": {"v": "1"}})";
constexpr const char *nowhere = R"({"kind": "ConfigMap", "metadata": {"name": "twin"}, "data": {"v": "1"}})";
constexpr const char *other =
    R"({"kind": "ConfigMap", "metadata": {"name": "twin", "namespace": "default"}, "data": {"v": "2"}})";

std::vector<OrderEdge> same(std::size_t one, std::size_t two) { return {{one, two, ""}, {two, one, ""}}; }

std::vector<OrderEdge> operator+(std::vector<OrderEdge> one, const std::vector<OrderEdge> &other_edges) {
    one.insert(one.end(), other_edges.begin(), other_edges.end());
    return one;
}

std::string said(const std::vector<OrderEdge> &order) {
    std::string text;
    for (const OrderEdge &edge : order)
        text += (text.empty() ? "" : " ") + std::to_string(edge.first) + "<" + std::to_string(edge.then);
    return text;
}

} // namespace

TEST_CASE("resources that are each before the other are one object") {
    struct Row {
        const char *title;
        std::vector<const char *> objects;
        std::vector<OrderEdge> order;
        SameObjects same;
        const char *left; // of the order
    };
    const std::vector<Row> rows{
        {"none", {twin, other}, {{0, 1, ""}}, {}, "0<1"},
        {"two", {twin, twin}, same(0, 1), {0, 0}, "0<1"},
        {"said the other way round", {twin, twin}, {{1, 0, ""}, {0, 1, ""}}, {0, 0}, "0<1"},
        {"one leaves the namespace out", {twin, nowhere}, same(0, 1), {0, 0}, "0<1"},
        {"three, by the first", {twin, twin, twin}, same(0, 1) + same(0, 2), {0, 0, 0}, "0<1 0<2"},
        {"three, one by one", {twin, twin, twin}, same(0, 1) + same(1, 2), {0, 0, 0}, "0<1 1<2"},
        {"two pairs", {twin, other, twin, other}, same(0, 2) + same(1, 3), {0, 1, 0, 1}, "0<2 1<3"},
        {"beside another order", {twin, other, twin}, {{1, 0, ""}, {0, 2, ""}, {2, 0, ""}}, {0, 1, 0}, "1<0 0<2"},
        {"an order of what is not there is another's to refuse", {twin}, {{7, 0, ""}, {0, 7, ""}}, {}, "7<0 0<7"},
        {"before itself too", {twin}, {{0, 0, ""}}, {}, "0<0"},
    };
    for (Row row : rows) {
        INFO(row.title);
        std::vector<std::pair<std::string, std::string>> named;
        for (std::size_t i = 0; i < row.objects.size(); ++i) named.emplace_back("r" + std::to_string(i), row.objects[i]);
        const auto found = find_same_objects(configuration(named), Direction::dependencies_first, row.order);
        REQUIRE(found.has_value());
        CHECK(*found == row.same);
        CHECK(said(row.order) == row.left);
    }
}

TEST_CASE("one object that is to be two things is refused with both names, unless it goes") {
    const Configuration posted = configuration({{"one", twin}, {"between", "{}"}, {"two", other}});
    std::vector<OrderEdge> order = same(0, 2);
    const auto refused = find_same_objects(posted, Direction::dependencies_first, order);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::invalid);
    REQUIRE(refused.error().causes.size() == 1);
    const Error cause = refused.error().causes.front();
    CHECK(cause.message ==
          "'one' and 'two' are the same object (ConfigMap default/twin), and not alike: leave one of them out, or "
          "give it another name in its metadata");
    CHECK(cause.place.pointer == "/resources/2");
    order = same(0, 2);
    const auto going = find_same_objects(posted, Direction::dependants_first, order);
    REQUIRE(going.has_value());
    CHECK(*going == SameObjects{0, 1, 0});
    CHECK(said(order) == "2<0"); // walked from its end: the first one first
}
