// SPDX-License-Identifier: Apache-2.0
//
// The driver as the daemon sees it.
#include "support/catch.hpp"
#include "test_cluster.hpp"

#include <set>

using namespace rsf;
using namespace rsf::dryrun;

TEST_CASE("the library loads, describes itself, and works") {
    FakeHost host(open_driver(TEST_BINARY_DIR "/drivers/dryrun.so"));
    CHECK(view(host.descriptor().name) == "dryrun");
    CHECK(host.descriptor().capabilities == (RSF_CAN_ALL_V1 | RSF_CAN_APPLY));
    CHECK((host.descriptor().flags & RSF_DRIVER_CONCURRENT) != 0);
    CHECK(host.create("cm", "site", config_map("site")).succeeded);
    CHECK(host.get("cm", "site").succeeded);
}

TEST_CASE("every setting is described") {
    TestCluster cluster;
    const json::value schema = json::parse(view(cluster.host().descriptor().settings_schema));
    for (const auto &[name, setting] : schema.at("properties").as_object()) {
        INFO(std::string(name));
        CHECK_FALSE(at(setting, "description").empty());
        CHECK_FALSE(at(setting, "type").empty());
    }
}

TEST_CASE("an invalid namespace in the settings is refused") {
    CHECK_THROWS_WITH(TestCluster({{"namespace", "A_b"}}), ContainsSubstring("The setting namespace is \"A_b\""));
}

TEST_CASE("a dry run answers as the write would, and changes nothing") {
    TestCluster cluster;
    CHECK(cluster.host().extension<rsf_dry_run>(RSF_EXT_DRY_RUN) != nullptr);
    const auto dry = [&](std::uint32_t verb, const json::object &object) {
        FakeCall call;
        call.verb = verb;
        call.flags = RSF_CALL_DRY_RUN;
        call.object = json::serialize(object);
        return cluster.host().perform(call);
    };
    CHECK(dry(RSF_CREATE, config_map("site")).succeeded);
    CHECK(cluster.names("cm").empty());
    REQUIRE(cluster.create(config_map("site")).succeeded);
    const json::value before = cluster.get("cm", "site").object;
    json::object changed = config_map("site");
    changed["data"] = json::object{{"a", "b"}};
    const FakeAnswer replaced = dry(RSF_REPLACE, changed);
    CHECK(replaced.object.at("data").at("a") == "b");
    CHECK(dry(RSF_CREATE, config_map("site")).code == Code::already_exists);
    CHECK(dry(RSF_DELETE, config_map("site")).succeeded);
    CHECK(dry(RSF_REPLACE, config_map("other")).code == Code::not_found);
    CHECK(cluster.get("cm", "site").object == before);
    // Dry runs use up no revisions or addresses: the next object is the same as without them.
    TestCluster untouched;
    REQUIRE(untouched.create(config_map("site")).succeeded);
    CHECK(cluster.create(config_map("next")).object == untouched.create(config_map("next")).object);
}

TEST_CASE("a call that was cancelled before it began changes nothing") {
    TestCluster cluster;
    cluster.host().cancel();
    CHECK(cluster.create(config_map("site")).code == Code::cancelled);
    cluster.host().resume();
    CHECK(cluster.names("cm").empty());
}

TEST_CASE("a long list ends when its call is cancelled") {
    TestCluster cluster;
    for (int i = 0; i < 300; ++i) REQUIRE(cluster.create(config_map("x" + std::to_string(i))).succeeded);
    cluster.host().cancel();
    CHECK(cluster.list("cm").code == Code::cancelled);
}

TEST_CASE("a namespace comes before what is in it, and a definition before its objects") {
    TestCluster cluster({{"namespace", "shop"}});
    const std::vector<FakeBefore> edges = cluster.host().order(
        "", {{"gear", "widgets", widget("gear")}, {"d", "crd", widget_definition()}, {"n", "ns", name_space("shop")}});
    std::set<std::pair<std::size_t, std::size_t>> pairs;
    for (const FakeBefore &edge : edges) pairs.emplace(edge.first, edge.then);
    CHECK(pairs == std::set<std::pair<std::size_t, std::size_t>>{{1, 0}, {2, 0}}); // where the settings put the first
}

TEST_CASE("text that is not an object is refused") {
    TestCluster cluster;
    for (const char *text : {"", "[]", "null", "{", "\"x\"", "{\"kind\": 5}"}) {
        INFO(text);
        FakeCall call;
        call.verb = RSF_CREATE;
        call.object = text;
        CHECK(cluster.host().perform(call).code == Code::invalid);
    }
}

TEST_CASE("an instance in memory starts empty, each time") {
    for (int i = 0; i < 100; ++i) {
        TestCluster cluster;
        REQUIRE(cluster.create(config_map("site")).succeeded);
    }
}
