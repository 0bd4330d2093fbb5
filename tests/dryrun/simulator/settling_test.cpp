// SPDX-License-Identifier: Apache-2.0
//
// Whether a write was done, by the step of an operation that it was: in memory, and after a restart.
#include "dryrun/storage/state_files.hpp"
#include "support/catch.hpp"

#include <string>

using namespace rsf;
using namespace rsf::dryrun;

namespace {

json::object with_value(std::string_view name, std::string_view value) {
    json::object object = config_map(name);
    object["data"] = json::object{{"a", value}};
    return object;
}

FakeCall step_call(std::uint32_t verb, const json::object &object, std::string operation, std::uint32_t step = 0) {
    FakeCall call;
    call.verb = verb;
    call.object = json::serialize(object);
    call.operation = std::move(operation);
    call.step = step;
    return call;
}

std::string settled(TestCluster &cluster, const FakeCall &call) {
    const FakeAnswer answer = cluster.host().settle(call);
    if (!answer.succeeded) return answer.message;
    std::string said(answer.object.at("settled").as_string());
    if (const std::string how = at(answer.object, "outcome"); !how.empty()) said += " " + how;
    return said + (answer.warnings.empty() ? "" : " !");
}

} // namespace

TEST_CASE("a write is known by its step, whatever another one wrote that is alike") {
    TestCluster cluster;
    const json::object object = with_value("site", "b");
    const FakeCall before = step_call(RSF_CREATE, object, "op-1"), again = step_call(RSF_CREATE, object, "op-2");
    CHECK(settled(cluster, before) == "not-done");
    REQUIRE(cluster.host().perform(before).succeeded);
    CHECK(settled(cluster, before) == "done created");
    CHECK(settled(cluster, again) == "not-done");
    CHECK(settled(cluster, step_call(RSF_CREATE, object, "op-1", 1)) == "not-done");
    const FakeCall replace = step_call(RSF_REPLACE, with_value("site", "c"), "op-3");
    CHECK(settled(cluster, replace) == "not-done");
    REQUIRE(cluster.host().perform(replace).succeeded);
    const FakeAnswer done = cluster.host().settle(replace), live = cluster.get("cm", "site");
    CHECK(done.object.at("object") == live.object);
    CHECK(done.revision == live.revision);
    CHECK_FALSE(done.selflink.empty());
    CHECK(settled(cluster, before) == "done created");
    const FakeCall apply = step_call(RSF_APPLY, with_value("other", "c"), "op-4");
    REQUIRE(cluster.host().perform(apply).succeeded);
    CHECK(settled(cluster, apply) == "done created");
}

TEST_CASE("a write of no operation has no step to be known by, and leaves none") {
    TestCluster cluster;
    const FakeCall create = step_call(RSF_CREATE, with_value("site", "b"), "op-1");
    REQUIRE(cluster.host().perform(create).succeeded);
    REQUIRE(cluster.replace(with_value("site", "c")).succeeded);
    CHECK(settled(cluster, create) == "done created");
    CHECK(cluster.host().settle(step_call(RSF_REPLACE, with_value("site", "c"), "")).code == Code::unsupported);
}

TEST_CASE("a deletion is done once its object is gone, and an object that came later is another one") {
    TestCluster cluster;
    const json::object object = with_value("site", "b");
    const FakeCall create = step_call(RSF_CREATE, object, "op-1"), remove = step_call(RSF_DELETE, object, "op-2", 7);
    CHECK(settled(cluster, remove) == "done");
    REQUIRE(cluster.host().perform(create).succeeded);
    CHECK(settled(cluster, remove) == "not-done");
    CHECK(cluster.host().settle(remove).revision == cluster.get("cm", "site").revision);
    REQUIRE(cluster.host().perform(remove).succeeded);
    CHECK(settled(cluster, remove) == "done");
    CHECK(settled(cluster, create) == "done created !");
    REQUIRE(cluster.create(object).succeeded);
    CHECK(settled(cluster, remove) == "done !");
    CHECK(settled(cluster, step_call(RSF_DELETE, object, "op-3")) == "not-done");
}

TEST_CASE("what a namespace takes along is remembered as well") {
    TestCluster cluster;
    REQUIRE(cluster.create(name_space("shop")).succeeded);
    const FakeCall create = step_call(RSF_CREATE, config_map("site", "shop"), "op-1");
    REQUIRE(cluster.host().perform(create).succeeded);
    REQUIRE(cluster.host().perform(step_call(RSF_DELETE, name_space("shop"), "op-2")).succeeded);
    CHECK(settled(cluster, create) == "done created !");
}

TEST_CASE("steps survive a restart, and are no part of the objects") {
    const TempFolder folder;
    const json::object object = with_value("site", "b"), gone = with_value("gone", "b");
    const FakeCall create = step_call(RSF_CREATE, object, "op-1"), remove = step_call(RSF_DELETE, gone, "op-2");
    std::string before;
    {
        TestCluster cluster(in(folder));
        REQUIRE(cluster.host().perform(create).succeeded);
        REQUIRE(cluster.create(gone).succeeded);
        REQUIRE(cluster.host().perform(remove).succeeded);
        before = json::serialize(cluster.get("cm", "site").object);
    }
    CHECK(files_in(folder.path()).count("deletions.json") == 1);
    CHECK_THAT(read_file(folder.path() / "default/ConfigMap/site.json"), ContainsSubstring(R"({"made":["op-1",0])"));
    TestCluster cluster(in(folder));
    CHECK(json::serialize(cluster.get("cm", "site").object) == before);
    CHECK(settled(cluster, create) == "done created");
    CHECK(settled(cluster, remove) == "done");
    REQUIRE(cluster.create(gone).succeeded);
    CHECK(settled(cluster, remove) == "done !");
}

TEST_CASE("a deletion that was noted and not made is not done") {
    const TempFolder folder;
    const FakeCall remove = step_call(RSF_DELETE, config_map("site"), "op-2");
    {
        TestCluster cluster(in(folder));
        REQUIRE(cluster.create(config_map("site")).succeeded);
        folder.write("kept", read_file(folder.path() / "default/ConfigMap/site.json"));
        REQUIRE(cluster.host().perform(remove).succeeded);
    }
    // As a kill between the two leaves it.
    std::filesystem::create_directories(folder.path() / "default/ConfigMap");
    std::filesystem::rename(folder.path() / "kept", folder.path() / "default/ConfigMap/site.json");
    TestCluster cluster(in(folder));
    CHECK(settled(cluster, remove) == "not-done");
}

TEST_CASE("steps in a file that was edited are read, and what is no step is left alone") {
    const TempFolder folder;
    { TestCluster cluster(in(folder)); }
    const std::string start = R"({"apiVersion": "v1", "kind": "ConfigMap", "x-resourcifier-written": )",
                      rest = R"(, "metadata": {"name": "site", "namespace": "default", "uid": "u"}})";
    folder.write("default/ConfigMap/site.json", start + R"({"made": ["op-1", 0], "last": null})" + rest);
    {
        TestCluster cluster(in(folder));
        CHECK(settled(cluster, step_call(RSF_CREATE, config_map("site"), "op-1")) == "done created");
        CHECK(at(cluster.get("cm", "site").object, "x-resourcifier-written").empty());
    }
    folder.write("default/ConfigMap/site.json", start + R"({"made": "op-1"})" + rest);
    TestCluster cluster(in(folder));
    CHECK(at(cluster.get("cm", "site").object, "x-resourcifier-written.made") == "op-1");
}

TEST_CASE("a damaged list of deletions stops the start") {
    const TempFolder folder;
    { TestCluster cluster(in(folder)); }
    for (const char *text : {"", "[]", R"({"deletions": [{"file": "x"}]})", R"({"deletions": [{"file": "x", "uid": 1}]})"}) {
        folder.write("deletions.json", text);
        CHECK_THAT(refusal(folder), ContainsSubstring("deletions.json is damaged or foreign"));
    }
}
