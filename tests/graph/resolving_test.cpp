// SPDX-License-Identifier: Apache-2.0
//
// References become values.
#include "graph/schedule.hpp"

#include "graph/sketch.hpp"
#include "support/catch.hpp"

#include <boost/json/serialize.hpp>

#include <string>

using namespace rsf::graph;
using namespace rsf::parse;
using namespace rsf::graph::test;

TEST_CASE("references are replaced by values of the object that a resource became") {
    const Configuration configuration = test::configuration({
        {"web", R"~({"ip": "$(ref.db.status.ips[1])", "all": "$(ref.db.status)", "url": "http://$(ref.db.status.ips[0])/"})~"},
        {"db", R"~({"plain": true})~"},
    });
    auto schedule = Schedule::make(configuration, create);
    REQUIRE(schedule.has_value());
    const auto db = schedule->next_ready();
    REQUIRE(db.has_value());
    CHECK_FALSE(db->resolved.has_value());
    schedule->succeeded(1, boost::json::parse(R"~({"status": {"ips": ["10.0.0.1", 7]}})~"));
    const auto web = schedule->next_ready();
    REQUIRE(web.has_value());
    REQUIRE(web->resolved.has_value());
    CHECK(boost::json::value(*web->resolved) ==
          boost::json::parse(R"~({"ip": 7, "all": {"ips": ["10.0.0.1", 7]}, "url": "http://10.0.0.1/"})~"));
}

TEST_CASE("an escaped reference becomes plain text when creating and stays as it is when removing") {
    const Configuration configuration = test::configuration({{"a", R"~({"x": ["$$(ref.nobody.y)"]})~"}});
    auto creating = Schedule::make(configuration, create);
    REQUIRE(creating.has_value());
    const auto step = creating->next_ready();
    REQUIRE(step->resolved.has_value());
    CHECK(boost::json::serialize(*step->resolved) == R"~({"x":["$(ref.nobody.y)"]})~");
    auto removing = Schedule::make(configuration, Direction::dependants_first);
    REQUIRE(removing.has_value());
    CHECK_FALSE(removing->next_ready()->resolved.has_value());
}

TEST_CASE("nothing is resolved when dependants go first") {
    const Configuration configuration = sketch("a, b: a");
    auto schedule = Schedule::make(configuration, Direction::dependants_first);
    REQUIRE(schedule.has_value());
    CHECK_FALSE(schedule->next_ready()->resolved.has_value());
    schedule->succeeded(1, nullptr);
    CHECK(schedule->next_ready()->resource == 0);
}

TEST_CASE("a value that is not there fails the resource that refers to it and aborts its dependants") {
    struct Row {
        std::string name;
        boost::json::value object;
    };
    const std::vector<Row> rows{
        {"another object", {{"status", {{"phase", "Pending"}}}}},
        {"no object at all", nullptr},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const Configuration configuration = test::configuration({
            {"lb", "{}"},
            {"dns", R"~({"spec": {"target": "$(ref.lb.status.ip)"}})~"},
            {"site", R"~({"x": "$(ref.dns.y)"})~"},
            {"free", "{}"},
            {"other", R"~({"x": "$(ref.free.value)"})~"},
        });
        auto schedule = Schedule::make(configuration, create);
        REQUIRE(schedule.has_value());
        CHECK(take_ready(*schedule, configuration) == "lb free");
        schedule->succeeded(0, row.object);
        schedule->succeeded(3, object());
        CHECK(take_ready(*schedule, configuration) == "other");
        CHECK(kind_of(*schedule, 0) == "succeeded");
        CHECK(kind_of(*schedule, 1) == "failed");
        CHECK_THAT(schedule->verdict(1).reason, ContainsSubstring("$(ref.lb.status.ip) at /spec/target can't be resolved: "));
        CHECK(kind_of(*schedule, 2) == "aborted");
        CHECK_THAT(schedule->verdict(2).reason,
                   ContainsSubstring("aborted: it refers to 'dns', which failed: $(ref.lb.status.ip)"));
        schedule->succeeded(4, nullptr);
        CHECK_FALSE(schedule->more_to_do());
    }
}

TEST_CASE("name and selfLink lead to the object's name and the driver's selflink, where the object has no such field") {
    struct Row {
        std::string name, object;
        std::optional<std::string> selflink;
        std::string resolved; // empty: it fails
    };
    const std::vector<Row> rows{
        {"neither is the object's own", R"~({"metadata": {"name": "n"}})~", "/l", R"~({"n": "n", "l": "/l"})~"},
        {"both are", R"~({"name": 1, "selfLink": "own", "metadata": {"name": "n"}})~", "/l", R"~({"n": 1, "l": "own"})~"},
        {"no selflink", R"~({"metadata": {"name": "n"}})~", "", ""},
        {"no name", R"~({"selfLink": "own"})~", "/l", ""},
        {"a selflink that is not known yet", R"~({"metadata": {"name": "n"}})~", std::nullopt,
         R"~({"n": "n", "l": "(known after web)"})~"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const Configuration configuration =
            test::configuration({{"web", "{}"}, {"b", R"~({"n": "$(ref.web.name)", "l": "$(ref.web.selfLink)"})~"}});
        auto schedule = Schedule::make(configuration, create);
        REQUIRE(schedule.has_value());
        schedule->next_ready();
        schedule->succeeded(0, boost::json::parse(row.object), Knowledge::whole, row.selflink);
        const auto step = schedule->next_ready();
        REQUIRE(step.has_value() == !row.resolved.empty());
        if (step) CHECK(boost::json::value(*step->resolved) == boost::json::parse(row.resolved));
    }
}

TEST_CASE("what is missing of an object that is only foreseen is known later") {
    const Configuration configuration = test::configuration({
        {"lb", "{}"},
        {"dns", R"~({"spec": {"target": "$(ref.lb.status.ip)", "url": "http://$(ref.lb.status.ip):$(ref.lb.port)/"}})~"},
    });
    auto schedule = Schedule::make(configuration, create);
    REQUIRE(schedule.has_value());
    schedule->next_ready();
    schedule->succeeded(0, {{"port", 80}}, Knowledge::partial);
    const auto step = schedule->next_ready();
    REQUIRE(step.has_value());
    CHECK(boost::json::value(*step->resolved) ==
          boost::json::parse(R"~({"spec": {"target": "(known after lb)", "url": "http://(known after lb):80/"}})~"));
    CHECK(step->unknown == std::vector<std::string>{"/spec/target", "/spec/url"});
}

TEST_CASE("an object or a list can't stand within a longer string") {
    const Configuration configuration = test::configuration({{"a", "{}"}, {"b", R"~({"x": "<$(ref.a.value)>"})~"}});
    auto schedule = Schedule::make(configuration, create);
    REQUIRE(schedule.has_value());
    schedule->next_ready();
    schedule->succeeded(0, {{"value", {{"k", 1}}}});
    CHECK_FALSE(schedule->next_ready().has_value());
    CHECK(kind_of(*schedule, 1) == "failed");
    CHECK_FALSE(schedule->verdict(1).reason.empty());
}

TEST_CASE("a chain of twenty and a diamond carry values through") {
    std::vector<std::pair<std::string, std::string>> resources;
    for (int i = 19; i > 0; --i)
        resources.emplace_back("r" + std::to_string(i), R"~({"n": "$(ref.r)~" + std::to_string(i - 1) + R"~(.n)"})~");
    resources.emplace_back("r0", R"~({"n": 42})~");
    resources.emplace_back("joined", R"~({"n": "$(ref.r19.n) $(ref.r10.n)"})~");
    const Configuration configuration = test::configuration(resources);
    auto schedule = Schedule::make(configuration, create);
    REQUIRE(schedule.has_value());
    boost::json::value last;
    while (std::optional<Step> step = schedule->next_ready()) {
        last = step->resolved ? *step->resolved : configuration.resources[step->resource].properties;
        schedule->succeeded(step->resource, last);
    }
    CHECK_FALSE(schedule->more_to_do());
    CHECK(boost::json::serialize(last) == R"~({"n":"42 42"})~");
}

TEST_CASE("a few lines that double a value again and again are stopped") {
    std::vector<std::pair<std::string, std::string>> resources{{"r0", R"~({"v": ")~" + std::string(1000, 'x') + R"~("})~"}};
    for (int i = 1; i < 40; ++i) {
        const std::string one = "\"$(ref.r" + std::to_string(i - 1) + ".v)\"";
        resources.emplace_back("r" + std::to_string(i), R"~({"v": [)~" + one + "," + one + "]}");
    }
    const Configuration configuration = test::configuration(resources);
    auto schedule = Schedule::make(configuration, create);
    REQUIRE(schedule.has_value());
    while (std::optional<Step> step = schedule->next_ready())
        schedule->succeeded(step->resource,
                            step->resolved ? *step->resolved : configuration.resources[step->resource].properties);
    CHECK_FALSE(schedule->more_to_do());
    std::size_t failed = 0;
    while (kind_of(*schedule, failed) == "succeeded") ++failed;
    CHECK(failed < 20);
    CHECK(kind_of(*schedule, failed) == "failed");
    CHECK_THAT(schedule->verdict(failed).reason, ContainsSubstring("more than 32 MiB"));
    CHECK(kind_of(*schedule, 39) == "aborted");
}

TEST_CASE("objects that references wait for are kept up to a limit together") {
    const std::string text(16u << 20, 'x');
    std::vector<std::pair<std::string, std::string>> resources;
    std::string all = "{";
    for (int i = 0; i < 20; ++i) {
        resources.emplace_back("r" + std::to_string(i), "{}");
        all += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"$(ref.r" + std::to_string(i) + ".small)\"";
    }
    SECTION("kept for one that needs all of them, the last ones are too much") {
        resources.emplace_back("all", all + "}");
        const Configuration configuration = test::configuration(resources);
        auto schedule = Schedule::make(configuration, create);
        REQUIRE(schedule.has_value());
        while (std::optional<Step> step = schedule->next_ready())
            schedule->succeeded(step->resource, {{"small", 1}, {"large", text}});
        CHECK(kind_of(*schedule, 20) == "failed");
        CHECK_THAT(schedule->verdict(20).reason, ContainsSubstring("larger than 256 MiB"));
    }
    SECTION("let go of after their last reader, they are never too much") {
        for (int i = 0; i < 20; ++i)
            resources.emplace_back("reader" + std::to_string(i), R"~({"x": "$(ref.r)~" + std::to_string(i) + R"~(.small)"})~");
        const Configuration configuration = test::configuration(resources);
        auto schedule = Schedule::make(configuration, create, [] {
            std::vector<OrderEdge> in_turn;
            for (std::size_t i = 0; i + 1 < 20; ++i) in_turn.push_back({20 + i, i + 1, ""});
            return in_turn;
        }());
        REQUIRE(schedule.has_value());
        while (std::optional<Step> step = schedule->next_ready())
            schedule->succeeded(step->resource, {{"small", 1}, {"large", text}});
        for (std::size_t i = 0; i < 40; ++i) CHECK(kind_of(*schedule, i) == "succeeded");
    }
}
