// SPDX-License-Identifier: Apache-2.0
//
// Whether writes were done, on a real control plane: what its objects say of who made and wrote them.
#include "support/catch.hpp"

#include "kubectl/live/live_cluster.hpp"

#include <chrono>
#include <string>

namespace {

using namespace rsf;
using namespace rsf::live;

FakeCall write_accepted_at(std::uint32_t verb, const json::object &map, std::int64_t began_ms) {
    FakeCall call;
    call.verb = verb;
    call.type = "ConfigMap";
    call.name = "a";
    call.object = json::serialize(map);
    call.operation = "op";
    call.began_ms = began_ms;
    return call;
}

std::string settled(Cluster &cluster, const FakeCall &call) {
    const FakeAnswer answer = cluster.host.settle(call);
    if (!answer.succeeded) return answer.message;
    std::string said(answer.object.at("settled").as_string());
    if (const json::value *outcome = answer.object.as_object().if_contains("outcome"))
        said += " " + std::string(outcome->as_string());
    return said + (answer.warnings.empty() ? "" : " !");
}

// The cluster's times are whole seconds: two of them, by its clock, are told apart once it has counted on.
void wait_for_next_second(const std::string &kubectl) {
    FakeHost quick(driver_entry<kubectl::KubectlDriver>, Cluster::settings({kubectl, "proxy"}, {}));
    const json::object map = config_map("rsf-two", "", "default");
    const auto stamp = [&] {
        quick.remove("cm", "x", map);
        const FakeAnswer made = quick.create("cm", "x", map);
        REQUIRE(made.succeeded);
        return json::serialize(made.object.at("metadata").at("creationTimestamp"));
    };
    std::string now = stamp();
    for (int changes = 0; changes < 2;)
        if (std::string next = stamp(); next != now) {
            now = std::move(next);
            ++changes;
        }
    quick.remove("cm", "x", map);
}

} // namespace

TEST_CASE("a create is told from an object that was there before, and from another client's") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        const json::object map = config_map("rsf-one", "b", "default");
        const std::int64_t accepted = FakeCall::now_ms();
        const FakeCall create = write_accepted_at(RSF_CREATE, map, accepted);
        CHECK(settled(cluster, create) == "not-done");
        REQUIRE(cluster.host.perform(create).succeeded);
        CHECK(settled(cluster, create) == "done created");
        const FakeAnswer done = cluster.host.settle(create), live = cluster.host.get("cm", "rsf-one");
        CHECK(done.revision == live.revision);
        CHECK(done.selflink == live.selflink);
        CHECK(done.object.at("object").at("data") == live.object.at("data"));

        // Another client changes it: it is still the one that was made.
        FakeHost other(driver_entry<kubectl::KubectlDriver>,
                       Cluster::settings(way, {{"field_manager", "another"}, {"force", true}}));
        json::object changed = map;
        changed["data"].as_object()["more"] = "c";
        REQUIRE(other.apply("cm", "x", changed).succeeded);
        CHECK(settled(cluster, create) == "done created");

        wait_for_next_second(way.kubectl);
        CHECK(settled(cluster, write_accepted_at(RSF_CREATE, map, FakeCall::now_ms())) == "not-done");

        // Another client made it.
        REQUIRE(cluster.host.remove("cm", "x", map).succeeded);
        const FakeCall late = write_accepted_at(RSF_CREATE, map, FakeCall::now_ms());
        REQUIRE(other.create("cm", "x", map).succeeded);
        CHECK(settled(cluster, late) == "unknown");
    }
}

TEST_CASE("what was made anew after a delete is never taken for what was to be deleted") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        const json::object map = config_map("rsf-one", "b", "default");
        REQUIRE(cluster.host.create("cm", "x", map).succeeded);
        wait_for_next_second(way.kubectl);
        const FakeCall remove = write_accepted_at(RSF_DELETE, map, FakeCall::now_ms());
        CHECK(settled(cluster, remove) == "not-done");
        CHECK(cluster.host.settle(remove).revision ==
              (way.transport == "proxy" ? cluster.host.get("cm", "rsf-one").revision : ""));
        REQUIRE(cluster.host.perform(remove).succeeded);
        CHECK(settled(cluster, remove) == "done");
        wait_for_next_second(way.kubectl);
        REQUIRE(cluster.host.create("cm", "x", map).succeeded);
        CHECK(settled(cluster, remove) == "done !");
    }
}

TEST_CASE("a delete that a finalizer holds up is under way") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        json::object map = config_map("rsf-one", "b", "default");
        map["metadata"].as_object()["finalizers"] = json::array{"example.org/held"};
        REQUIRE(cluster.host.create("cm", "x", map).succeeded);
        wait_for_next_second(way.kubectl);
        FakeCall remove = write_accepted_at(RSF_DELETE, map, FakeCall::now_ms());
        remove.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(3);
        CHECK(cluster.host.perform(remove).code == Code::timeout);
        remove.deadline += std::chrono::seconds(30);
        CHECK(settled(cluster, remove) == "done !");
        map["metadata"].as_object().erase("finalizers");
        cluster.host.replace("cm", "x", map);
    }
}

TEST_CASE("replaces and applies are told by what is there, and by when this driver wrote it last") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        json::object map = config_map("rsf-one", "b", "default");
        const FakeCall apply_first = write_accepted_at(RSF_APPLY, map, FakeCall::now_ms());
        CHECK(settled(cluster, apply_first) == "not-done");
        CHECK(settled(cluster, write_accepted_at(RSF_REPLACE, map, FakeCall::now_ms())) == "not-done");
        map["data"].as_object()["old"] = "o";
        REQUIRE(cluster.host.create("cm", "x", map).succeeded);
        wait_for_next_second(way.kubectl);
        map["data"].as_object().erase("old");
        const FakeCall replace = write_accepted_at(RSF_REPLACE, map, FakeCall::now_ms());
        CHECK(settled(cluster, replace) == "not-done"); // all that is posted is there, and more that is to go
        CHECK(cluster.host.settle(replace).revision == cluster.host.get("cm", "rsf-one").revision);
        REQUIRE(cluster.host.perform(replace).succeeded);
        CHECK(settled(cluster, replace) == "done changed");
        map["data"].as_object()["a"] = "c";
        const FakeCall apply = write_accepted_at(RSF_APPLY, map, FakeCall::now_ms());
        CHECK_THAT(settled(cluster, apply), StartsWith("not-done") || StartsWith("unknown")); // the replace was a moment ago
        REQUIRE(cluster.host.perform(apply).succeeded);
        CHECK(settled(cluster, apply) == "done changed");
    }
}
