// SPDX-License-Identifier: Apache-2.0
#include "graph/schedule.hpp"

#include "graph/sketch.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace rsf::graph;
using namespace rsf::parse;
using namespace rsf::graph::test;

namespace {

// Works a schedule off, everything that is ready at once: "a b | c | d".
std::string waves(Schedule &schedule, const Configuration &of) {
    std::string text;
    while (schedule.more_to_do()) {
        std::vector<std::size_t> running;
        while (const std::optional<Step> step = schedule.next_ready()) running.push_back(step->resource);
        if (running.empty() && schedule.more_to_do()) return text + " | stuck";
        if (!text.empty() && !running.empty()) text += " |";
        for (const std::size_t resource : running) {
            text += (text.empty() ? "" : " ") + of.resources[resource].name;
            schedule.succeeded(resource, object());
        }
    }
    return text;
}

} // namespace

TEST_CASE("resources become ready in the order of their references") {
    struct Row {
        std::string name, resources, created, removed;
    };
    const std::vector<Row> rows{
        {"one", "a", "a", "a"},
        {"independent ones at once, as posted", "c, a, b", "c a b", "c a b"},
        {"a chain", "c: b, b: a, a", "a | b | c", "c | b | a"},
        {"a diamond", "d: b c, b: a, c: a, a", "a | b c | d", "d | b c | a"},
        {"a fan", "a, b: a, c: a, d: a", "a | b c d", "b c d | a"},
        {"the same name referred to twice", "b: a a, a", "a | b", "b | a"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const Configuration configuration = sketch(row.resources);
        auto creating = Schedule::make(configuration, create);
        REQUIRE(creating.has_value());
        CHECK(waves(*creating, configuration) == row.created);
        auto removing = Schedule::make(configuration, remove_);
        REQUIRE(removing.has_value());
        CHECK(waves(*removing, configuration) == row.removed);
    }
}

TEST_CASE("a resource is ready as soon as all that it refers to is done, whatever else still runs") {
    const Configuration configuration = sketch("slow, fast, next: fast, last: next slow");
    auto schedule = Schedule::make(configuration, create);
    REQUIRE(schedule.has_value());
    CHECK(take_ready(*schedule, configuration) == "slow fast");
    schedule->succeeded(1, object());
    CHECK(take_ready(*schedule, configuration) == "next");
    schedule->succeeded(2, object());
    CHECK(take_ready(*schedule, configuration).empty());
    CHECK(kind_of(*schedule, 3) == "waiting");
    CHECK(schedule->more_to_do());
    schedule->succeeded(0, object());
    CHECK(take_ready(*schedule, configuration) == "last");
    CHECK(schedule->more_to_do());
    schedule->succeeded(3, object());
    CHECK_FALSE(schedule->more_to_do());
}

TEST_CASE("a failure aborts all that depends on it, all the way down, and nothing else") {
    const Configuration configuration = sketch("a, b: a, c: b, d: c a, x, y: x, z: x b");
    auto schedule = Schedule::make(configuration, create);
    REQUIRE(schedule.has_value());
    CHECK(take_ready(*schedule, configuration) == "a x");
    schedule->succeeded(0, object());
    CHECK(take_ready(*schedule, configuration) == "b");
    schedule->failed(1, "the cluster said no");
    for (const std::size_t aborted : {2, 3, 6}) CHECK(kind_of(*schedule, aborted) == "aborted");
    CHECK(kind_of(*schedule, 5) == "waiting");
    schedule->succeeded(4, object());
    CHECK(take_ready(*schedule, configuration) == "y");
    schedule->succeeded(5, object());
    CHECK_FALSE(schedule->more_to_do());

    CHECK(schedule->verdict(0).reason.empty());
    CHECK(schedule->verdict(1).reason == "the cluster said no");
    CHECK(schedule->verdict(2).reason == "aborted: it refers to 'b', which failed: the cluster said no");
    CHECK(schedule->verdict(3).reason == "aborted: it refers to 'c', which was aborted because 'b' failed: the cluster said no");
    CHECK(schedule->verdict(6).reason == "aborted: it refers to 'b', which failed: the cluster said no");
}

TEST_CASE("a deletion aborts nothing that it can still delete") {
    const Configuration configuration = sketch("a, b: a, c: b, other: a, free");
    auto schedule = Schedule::make(configuration, remove_);
    REQUIRE(schedule.has_value());
    CHECK(take_ready(*schedule, configuration) == "c other free");
    schedule->succeeded(3, nullptr);
    schedule->failed(2, "it has a finalizer");
    CHECK(take_ready(*schedule, configuration) == "b");
    schedule->failed(1, "it too");
    CHECK(take_ready(*schedule, configuration) == "a");
    schedule->succeeded(0, nullptr);
    schedule->succeeded(4, nullptr);
    CHECK_FALSE(schedule->more_to_do());
    CHECK(schedule->verdict(2).reason == "it has a finalizer");
}

TEST_CASE("what has no order is deleted without one") {
    struct Row {
        std::string name, resources, removed;
        std::vector<OrderEdge> order{};
    };
    const std::vector<Row> rows{
        {"a name that nobody has", "a: nobody, b: a", "b | a"},
        {"a cycle", "a: b, b: a", "a b"},
        {"a cycle of one", "a: a", "a"},
        {"a cycle, and what has an order with it", "in: a, a: b, b: a out, out", "in b | a out"},
        {"two cycles, one before the other", "a: b, b: a c, c: d, d: c", "a b d | c"},
        {"a cycle with the driver's order", "ns: web, web", "ns web", {{0, 1, "namespace first"}}},
        {"a driver's order that can't be", "a, b", "a b", {{0, 1, ""}, {1, 0, ""}, {0, 0, ""}, {7, 1, ""}}},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const Configuration configuration = sketch(row.resources);
        auto schedule = Schedule::make(configuration, remove_, row.order);
        REQUIRE(schedule.has_value());
        CHECK(waves(*schedule, configuration) == row.removed);
    }
    const Configuration malformed = configuration({{"a", R"~({"x": "$(ref.b"})~"}, {"b", R"~({"$(ref.a.x)": 1})~"}});
    auto schedule = Schedule::make(malformed, remove_);
    REQUIRE(schedule.has_value());
    CHECK(waves(*schedule, malformed) == "a b");
    const Configuration shared = configuration({{"a", "{}"}, {"a", "{}"}, {"b", R"~({"x": "$(ref.a.y)"})~"}});
    schedule = Schedule::make(shared, remove_);
    REQUIRE(schedule.has_value());
    CHECK(waves(*schedule, shared) == "a a b");
}

TEST_CASE("what can't be there is deleted without a step, and what nobody could tell fails without one") {
    const Configuration configuration = sketch("a, b: a, c: b, d: c");
    std::vector<DeletedObject> objects(4);
    objects[3] = {DeletedObject::Kind::absent, {}, "it can't be"};
    objects[2] = {DeletedObject::Kind::unknown, {}, "the cluster is silent"};
    objects[1] = {DeletedObject::Kind::resolved, {{"x", 1}}, {}};
    auto schedule = Schedule::make(configuration, remove_, {}, std::move(objects));
    REQUIRE(schedule.has_value());
    const std::optional<Step> step = schedule->next_ready();
    REQUIRE(step.has_value());
    CHECK(step->resource == 1);
    CHECK(step->resolved == boost::json::object{{"x", 1}});
    CHECK(kind_of(*schedule, 3) == "succeeded");
    CHECK(schedule->verdict(3).reason == "it can't be");
    CHECK(kind_of(*schedule, 2) == "failed");
    CHECK(schedule->verdict(2).reason == "the cluster is silent");
    schedule->succeeded(1, nullptr);
    CHECK(take_ready(*schedule, configuration) == "a");
}

TEST_CASE("the driver's order is kept and reversed, and never aborts") {
    const Configuration configuration = sketch("web, ns, other");
    const std::vector<OrderEdge> order{{1, 0, "namespace before what is in it"}, {1, 0, "again"}};
    SECTION("creating") {
        auto schedule = Schedule::make(configuration, create, order);
        REQUIRE(schedule.has_value());
        CHECK(take_ready(*schedule, configuration) == "ns other");
        schedule->failed(1, "no");
        CHECK(take_ready(*schedule, configuration) == "web");
    }
    SECTION("removing") {
        auto schedule = Schedule::make(configuration, remove_, order);
        REQUIRE(schedule.has_value());
        CHECK(take_ready(*schedule, configuration) == "web other");
        schedule->failed(0, "no");
        CHECK(take_ready(*schedule, configuration) == "ns");
    }
}

TEST_CASE("a reference prevails over the driver's order between the same two") {
    const Configuration configuration = sketch("a, b: a");
    auto schedule = Schedule::make(configuration, create, {{0, 1, "as it happens"}});
    REQUIRE(schedule.has_value());
    CHECK(take_ready(*schedule, configuration) == "a");
    schedule->failed(0, "no");
    CHECK(kind_of(*schedule, 1) == "aborted");
    CHECK_FALSE(schedule->more_to_do());
}

TEST_CASE("the driver's order holds through a resource that was aborted early") {
    // ns before c, c before last; c is aborted while ns still runs, yet last waits for ns.
    const Configuration configuration = sketch("bad, c: bad, ns, last");
    auto schedule = Schedule::make(configuration, create, {{2, 1, ""}, {1, 3, ""}});
    REQUIRE(schedule.has_value());
    CHECK(take_ready(*schedule, configuration) == "bad ns");
    schedule->failed(0, "no");
    CHECK(kind_of(*schedule, 1) == "aborted");
    CHECK(take_ready(*schedule, configuration).empty());
    schedule->succeeded(2, object());
    CHECK(take_ready(*schedule, configuration) == "last");
}

TEST_CASE("when nothing further is to be begun, what waits is aborted and what runs goes on") {
    const Configuration configuration = sketch("a, b: a, c, d: c");
    auto schedule = Schedule::make(configuration, create);
    REQUIRE(schedule.has_value());
    CHECK(schedule->next_ready()->resource == 0);
    CHECK(schedule->next_ready()->resource == 2);
    schedule->abort_waiting("the daemon is shutting down");
    schedule->abort_waiting("a later reason");
    schedule->not_begun(2);
    CHECK(kind_of(*schedule, 0) == "running");
    CHECK(schedule->more_to_do());
    schedule->succeeded(0, object());
    CHECK(take_ready(*schedule, configuration).empty());
    CHECK_FALSE(schedule->more_to_do());
    for (const std::size_t aborted : {1, 2, 3}) {
        CHECK(kind_of(*schedule, aborted) == "aborted");
        CHECK(schedule->verdict(aborted).reason == "aborted: the daemon is shutting down");
    }
}

TEST_CASE("ready resources that were not taken are aborted as well") {
    const Configuration configuration = sketch("a, b");
    auto schedule = Schedule::make(configuration, create);
    REQUIRE(schedule.has_value());
    schedule->abort_waiting("enough");
    CHECK_FALSE(schedule->next_ready().has_value());
    CHECK_FALSE(schedule->more_to_do());
}

TEST_CASE("a schedule knows whose objects are needed") {
    const Configuration configuration = sketch("a, b: a");
    for (const Direction direction : {create, remove_}) {
        auto schedule = Schedule::make(configuration, direction);
        REQUIRE(schedule.has_value());
        CHECK(schedule->refers_to(0).empty());
        CHECK(schedule->refers_to(1) == std::vector<std::size_t>{0});
    }
}

TEST_CASE("long names and reasons are cut where they are repeated") {
    const std::string longest(10'000, 'x');
    const Configuration configuration = sketch(longest + ", b: " + longest + ", c: b");
    auto schedule = Schedule::make(configuration, create);
    REQUIRE(schedule.has_value());
    schedule->next_ready();
    schedule->failed(0, longest);
    CHECK(schedule->verdict(0).reason.size() == longest.size());
    CHECK(schedule->verdict(1).reason.size() < 500);
    CHECK(schedule->verdict(2).reason.size() < 500);
}

TEST_CASE("ten thousand resources in one chain, one fan or one lattice are worked off") {
    constexpr std::size_t count = 10'000;
    struct Row {
        std::string name;
        std::vector<std::size_t> (*refers_to)(std::size_t);
    };
    const std::vector<Row> rows{
        {"chain", [](std::size_t i) { return i == 0 ? std::vector<std::size_t>{} : std::vector{i - 1}; }},
        {"fan", [](std::size_t i) { return i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0}; }},
        {"lattice",
         [](std::size_t i) {
             return i < 2 ? std::vector<std::size_t>{} : std::vector{i / 2 * 2 - 2, i / 2 * 2 - 1};
         }},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        std::vector<std::pair<std::string, std::string>> resources;
        for (std::size_t i = 0; i < count; ++i) {
            std::string properties = "{";
            for (const std::size_t referred : row.refers_to(i))
                properties += (properties == "{" ? "\"" : ",\"") + std::to_string(referred) + "\":\"$(ref.r" +
                              std::to_string(referred) + ".value)\"";
            resources.emplace_back("r" + std::to_string(i), properties + "}");
        }
        const Configuration configuration = test::configuration(resources);
        for (const Direction direction : {create, remove_}) {
            auto schedule = Schedule::make(configuration, direction);
            REQUIRE(schedule.has_value());
            std::size_t steps = 0;
            while (const std::optional<Step> step = schedule->next_ready()) {
                ++steps;
                schedule->succeeded(step->resource, object());
            }
            CHECK(steps == count);
            CHECK_FALSE(schedule->more_to_do());

            schedule = Schedule::make(configuration, direction);
            const std::size_t first = schedule->next_ready()->resource;
            schedule->failed(first, "no");
            std::size_t others = 0;
            while (const std::optional<Step> step = schedule->next_ready()) {
                ++others;
                schedule->succeeded(step->resource, object());
            }
            CHECK_FALSE(schedule->more_to_do());
            CHECK((direction == create ? others < count : others == count - 1));
        }
    }
}
