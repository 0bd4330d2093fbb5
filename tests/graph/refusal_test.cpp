// SPDX-License-Identifier: Apache-2.0
//
// What a schedule is not made of, and what is said about it.
#include "graph/schedule.hpp"

#include "graph/sketch.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace rsf::base;
using namespace rsf::graph;
using namespace rsf::parse;
using namespace rsf::graph::test;

namespace {

Error refusal(const Configuration &configuration, Direction direction = Direction::dependencies_first,
              const std::vector<OrderEdge> &order = {}) {
    const auto schedule = Schedule::make(configuration, direction, order);
    REQUIRE_FALSE(schedule.has_value());
    return schedule.error();
}

} // namespace

TEST_CASE("references that lead nowhere are refused with their place") {
    const Error error = refusal(configuration({
        {"frontend", "{}"},
        {"backend", R"~({"spec": {"list": ["x", "$(ref.fronted.status.ip)"]}})~"},
    }));
    CHECK(error.code == Code::invalid);
    REQUIRE(error.causes.size() == 1);
    CHECK(error.causes[0].message == "$(ref.fronted.status.ip) refers to 'fronted', but no resource has that name (did you mean "
                                     "'frontend'?)");
    CHECK(error.causes[0].place.pointer == "/resources/1/properties/spec/list/1");
    CHECK(error.causes[0].place.line == 2);
    CHECK(error.causes[0].place.column == 3);
}

TEST_CASE("a resource is not told that it may mean itself") {
    const Error error = refusal(configuration({{"a", R"~({"x": "$(ref.b.c)"})~"}}));
    REQUIRE(error.causes.size() == 1);
    CHECK(error.causes[0].message == "$(ref.b.c) refers to 'b', but no resource has that name");
}

TEST_CASE("a name that two resources share can't be referred to, but may be there") {
    Configuration shared = configuration({{"web", "{}"}, {"web", "{}"}, {"lb", R"~({"a": "$(ref.web.x)"})~"}});
    shared.resources[0].type = "Deployment";
    shared.resources[1].type = "Service";
    const Error error = refusal(shared);
    REQUIRE(error.causes.size() == 1);
    CHECK(error.causes[0].message ==
          "$(ref.web.x) is ambiguous: 'web' is the name of a Deployment and of a Service; give one of them another name");
    CHECK(error.causes[0].place.pointer == "/resources/2/properties/a");
    shared.resources[1].type = "Deployment";
    CHECK_THAT(refusal(shared).causes.at(0).message,
               ContainsSubstring("of a Deployment, number 1 and of a Deployment, number 2; give one of them another name"));
    shared.resources.pop_back();
    CHECK(Schedule::make(shared, Direction::dependencies_first).has_value());
}

TEST_CASE("a malformed reference is refused with its place") {
    const Error error = refusal(configuration({{"a", R"~({"x": {"y": "$(ref.b"}})~"}}));
    REQUIRE(error.causes.size() == 1);
    CHECK_FALSE(error.causes[0].message.empty());
    CHECK(error.causes[0].place.pointer == "/resources/0/properties/x/y");
}

TEST_CASE("a cycle is reported with its path") {
    struct Row {
        std::string name, resources, message, pointer;
    };
    const std::vector<Row> rows{
        {"of two", "a: b, b: a", "a -> b -> a", "/resources/0/properties/b"},
        {"of one", "x, a: a", "a -> a", "/resources/1/properties/a"},
        {"of three, posted in another order", "c: a, b: c, a: b", "c -> a -> b -> c", "/resources/0/properties/a"},
        {"with ways in and out", "in: a, a: b, b: a out, out", "a -> b -> a", "/resources/1/properties/b"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const Error error = refusal(sketch(row.resources));
        CHECK(error.code == Code::invalid);
        REQUIRE(error.causes.size() == 1);
        CHECK(error.causes[0].message == "resources wait for each other in a circle: " + row.message);
        CHECK(error.causes[0].place.pointer == row.pointer);
    }
}

TEST_CASE("a cycle through the driver's order says what the driver wants and why") {
    const Error error =
        refusal(sketch("ns: web, web"), Direction::dependencies_first, {{0, 1, "namespace before what is in it"}});
    CHECK(error.code == Code::invalid);
    REQUIRE(error.causes.size() == 1);
    CHECK(error.causes[0].message == "resources wait for each other in a circle: ns -> web -> ns; the driver puts ns before web: "
                                     "namespace before what is in it");
    CHECK(error.causes[0].place.pointer == "/resources/0/properties/web");
}

TEST_CASE("in a cycle, resources that share a name are told apart by type") {
    Configuration shared = configuration({{"web", "{}"}, {"web", R"~({"a": "$(ref.lb.x)"})~"}, {"lb", "{}"}});
    shared.resources[0].type = "Deployment";
    shared.resources[1].type = "Service";
    const Error error = refusal(shared, Direction::dependencies_first, {{1, 2, ""}});
    REQUIRE(error.causes.size() == 1);
    CHECK(error.causes[0].message ==
          "resources wait for each other in a circle: web (Service) -> lb -> web (Service); the driver "
          "puts web (Service) before lb");
}

TEST_CASE("a driver's order that can't be is called the driver's fault") {
    struct Row {
        std::string name;
        std::vector<OrderEdge> order;
        std::string message;
    };
    const std::vector<Row> rows{
        {"a circle",
         {{0, 1, "one"}, {1, 0, ""}},
         "the driver's order goes in a circle: a -> b -> a; the driver puts b before a; the driver puts a before b: one; "
         "this is a "
         "fault of the driver"},
        {"a resource before itself", {{1, 1, ""}}, "the driver's order puts 'b' before itself; this is a fault of the driver"},
        {"no such resource",
         {{0, 2, ""}},
         "the driver's order names resource 2 of 2, counted from 0; this is a fault of the driver"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const Error error = refusal(sketch("a, b"), Direction::dependencies_first, row.order);
        CHECK(error.code == Code::internal);
        REQUIRE(error.causes.size() == 1);
        CHECK(error.causes[0].message == row.message);
    }
}

TEST_CASE("all that is wrong is reported together") {
    const Error error = refusal(sketch("a: b, b: a, c: nowhere, d: e, e: d, f: elsewhere"));
    REQUIRE(error.causes.size() == 4);
    CHECK_THAT(error.causes[0].message, ContainsSubstring("'nowhere'"));
    CHECK_THAT(error.causes[1].message, ContainsSubstring("'elsewhere'"));
    CHECK_THAT(error.causes[2].message, ContainsSubstring("a -> b -> a"));
    CHECK_THAT(error.causes[3].message, ContainsSubstring("d -> e -> d"));
}

TEST_CASE("a configuration that is wrong all over gets a hundred causes and the number of the rest") {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += (i == 0 ? "r" : ",r") + std::to_string(i) + ": nowhere" + std::to_string(i);
    const Error error = refusal(sketch(text));
    REQUIRE(error.causes.size() == 101);
    CHECK(error.causes[100].message == "and 4900 more problems");
}

TEST_CASE("a resource without a place is pointed at by its index") {
    Configuration placeless = sketch("a, b: nowhere");
    for (Resource &resource : placeless.resources) resource.place = {};
    CHECK(refusal(placeless).causes.at(0).place.pointer == "/resources/1/properties/nowhere");
}
