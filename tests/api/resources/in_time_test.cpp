// SPDX-License-Identifier: Apache-2.0
//
// A target's answer_within: how long a client waits for an answer, whatever its request does.
#include "api/room.hpp"

#include "support/catch.hpp"

#include <boost/json/serialize.hpp>

#include <chrono>
#include <thread>

using namespace rsf::api::test;

namespace {

using namespace std::chrono_literals;

// With a target whose clients wait that long.
std::unique_ptr<Room> room_within(std::chrono::milliseconds within, const std::shared_ptr<FakeCluster> &cluster) {
    TargetLimits limits;
    limits.answer_within = within;
    TargetSet targets{{{"prod", fake_target("prod", cluster, limits)}}, {}, "prod"};
    targets.planners.emplace(
        "prod", Target::make("prod", std::make_unique<FakePlanner>(cluster), limits, silent_log(), targets.by_name.at("prod")));
    return std::unique_ptr<Room>(new Room{cluster, targets});
}

// As it is when it has ended.
json::value ended(Room &room, const std::string &id) {
    for (;; std::this_thread::yield()) {
        json::value operation = json::parse(room.ask("GET", "/operations/" + id, {}, as_json).body);
        if (operation.as_object().contains("ended")) return operation;
    }
}

} // namespace

TEST_CASE("a write that takes longer than answer_within is answered with how far each resource is, and goes on") {
    const auto cluster = std::make_shared<FakeCluster>();
    const auto room = room_within(100ms, cluster);
    cluster->hold("b");
    for (const char *method : {"POST", "PUT", "DELETE"}) {
        INFO(method);
        const Response late = room->ask(method, "/configurations", pair, as_json);
        INFO(late.body);
        REQUIRE(late.status == 202);
        const std::string id = header(late, "Resourcifier-Operation");
        CHECK(header(late, "Location") == "/operations/" + id);
        const json::value answer = json::parse(late.body);
        const json::array &resources = answer.at("resources").as_array();
        REQUIRE(resources.size() == 2);
        CHECK(resources[0].at("name") == "a");
        CHECK(resources[0].at("state").as_object().contains("status"));
        CHECK(resources[1].at("properties").at("kind") == "ConfigMap");
        const json::string &status = resources[1].at("state").at("status").as_string();
        CHECK((status == "Pending" || status == "Running"));
        const std::string error(resources[1].at("state").at("errors").at(0).as_string());
        CHECK_THAT(error, StartsWith("ConfigMap b: ") && ContainsSubstring("100ms") && ContainsSubstring("answer_within") &&
                              ContainsSubstring(id));

        cluster->let_go("b");
        CHECK(ended(*room, id).at("state") == "succeeded");
        cluster->hold("b");
    }
    cluster->let_go("b");
}

TEST_CASE("a repeat under a key waits no longer than answer_within either") {
    const auto cluster = std::make_shared<FakeCluster>();
    const auto room = room_within(50ms, cluster);
    cluster->hold("b");
    const Headers key{{"Accept", "application/json"}, {"Idempotency-Key", "k"}};
    const Response first = room->ask("POST", "/configurations", pair, key),
                   again = room->ask("POST", "/configurations", pair, key);
    CHECK(first.status == 202);
    CHECK(again.status == 202);
    CHECK(header(again, "Resourcifier-Operation") == header(first, "Resourcifier-Operation"));
    cluster->let_go("b");
    CHECK(ended(*room, header(first, "Resourcifier-Operation")).at("state") == "succeeded");
    CHECK(room->ask("POST", "/configurations", pair, key).status == 201);
}

TEST_CASE("a read that takes longer than answer_within is 504 and is asked to stop") {
    const auto cluster = std::make_shared<FakeCluster>();
    const auto room = room_within(50ms, cluster);
    cluster->hold("b");
    const Response late = room->ask("GET", "/configurations/ConfigMap/b", {}, as_json);
    CHECK(late.status == 504);
    CHECK_THAT(late.body, ContainsSubstring("answer_within") && ContainsSubstring("50ms"));
    room->targets.by_name.at("prod")->close();
    // It is never let go: only the stop ends it.
    CHECK(room->targets.by_name.at("prod")->wait_idle(std::chrono::steady_clock::now() + 60s));
}

TEST_CASE("a plan that takes longer than answer_within is 504") {
    const auto cluster = std::make_shared<FakeCluster>();
    std::promise<void> gate;
    cluster->order = [open = gate.get_future().share()](auto, const auto &) {
        open.wait();
        return std::vector<Before>{};
    };
    const auto room = room_within(50ms, cluster);
    const Response late = room->ask("POST", "/configurations?dryRun=true", pair, as_json);
    gate.set_value();
    CHECK(late.status == 504);
    CHECK_THAT(late.body, ContainsSubstring("answer_within"));
    CHECK(cluster->calls().empty());
}

TEST_CASE("what ends in time is answered as without answer_within") {
    const auto cluster = std::make_shared<FakeCluster>();
    const auto room = room_within(10min, cluster);
    CHECK(room->ask("POST", "/configurations", pair).status == 201);
    CHECK(room->ask("POST", "/configurations?dryRun=true", pair).status == 200);
    CHECK(room->ask("GET", "/configurations/ConfigMap/a").status == 200);
    CHECK(room->ask("DELETE", "/configurations", pair).status == 204);
}
