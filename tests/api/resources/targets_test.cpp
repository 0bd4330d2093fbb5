// SPDX-License-Identifier: Apache-2.0
//
// /targets: what is served, and how it is.
#include "api/room.hpp"

#include "drivers/call.hpp"
#include "support/catch.hpp"

using namespace rsf::api::test;

TEST_CASE("targets are described without their settings") {
    Room room;
    const json::value all = json::parse(room.ask("GET", "/targets", {}, as_json).body);
    REQUIRE(all.at("targets").as_array().size() == 2);
    const json::value one = json::parse(room.ask("GET", "/targets/prod", {}, as_json).body);
    CHECK(one == all.at("targets").at(0));
    CHECK(one.at("name") == "prod");
    CHECK(one.at("default") == true);
    CHECK(all.at("targets").at(1).at("default") == false);
    CHECK(one.at("driver").at("name") == "fake");
    CHECK(one.at("driver").at("version") == "1.2.3");
    CHECK(one.at("driver").at("vendor") == "Tests Ltd");
    CHECK(one.at("driver").at("concurrent") == true);
    CHECK(one.at("driver").at("revisions") == false);
    CHECK(one.at("strategy") == "create-replace");
    CHECK(one.at("capabilities") == json::array{"list", "get", "create", "replace", "delete", "apply"});
    CHECK(one.at("extensions") == json::array{"rsf.order/1"});
    CHECK(one.at("health").at("ok") == true);
    CHECK_FALSE(one.as_object().contains("settings"));
}

TEST_CASE("a target that takes no more work says so in its health") {
    Room room;
    room.targets.by_name["prod"]->close();
    const json::value one = json::parse(room.ask("GET", "/targets/prod", {}, as_json).body);
    CHECK(one.at("health").at("ok") == false);
    CHECK_FALSE(one.at("health").at("reason").as_string().empty());
}

TEST_CASE("what a driver says of its health is told, and counts") {
    Room room;
    room.cluster->feel([] { return DriverHealth{true, "", {{"restarts", 1}}}; });
    const json::value well = json::parse(room.ask("GET", "/targets/prod", {}, as_json).body).at("health");
    CHECK(well.at("ok") == true);
    CHECK(well.at("driver") == json::object{{"restarts", 1}});
    CHECK_FALSE(well.as_object().contains("reason"));

    room.cluster->feel([] { return DriverHealth{false, "the proxy ended", {}}; });
    const json::value unwell = json::parse(room.ask("GET", "/targets", {}, as_json).body).at("targets").at(0).at("health");
    CHECK(unwell.at("ok") == false);
    CHECK(unwell.at("reason") == "the proxy ended");
    CHECK_FALSE(unwell.as_object().contains("driver"));

    room.targets.by_name["prod"]->close();
    const json::value both = json::parse(room.ask("GET", "/targets/prod", {}, as_json).body).at("health");
    CHECK(both.at("reason") == "the daemon is shutting down; the proxy ended");
}
