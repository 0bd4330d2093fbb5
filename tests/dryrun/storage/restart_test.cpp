// SPDX-License-Identifier: Apache-2.0
//
// A simulated cluster after a restart of the daemon.
#include "state_files.hpp"
#include "support/catch.hpp"

#include <string>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::simulator;
using namespace rsf::dryrun::storage;
namespace fs = std::filesystem;

TEST_CASE("objects survive a restart byte for byte") {
    const TempFolder folder;
    std::string before;
    const char *const types[] = {"ns", "cm", "svc", "crd", "deploy"};
    {
        TestCluster cluster(in(folder));
        REQUIRE(cluster.create(name_space("shop")).succeeded);
        json::object object = config_map("site", "shop");
        object["data"] = json::object{{"text", "a\nb\t\"c\" \u2603"}};
        REQUIRE(cluster.create(object).succeeded);
        REQUIRE(cluster.create(service("web", {{"type", "NodePort"}})).succeeded);
        REQUIRE(cluster.create(widget_definition()).succeeded);
        REQUIRE(cluster.create(widget("gear")).succeeded);
        REQUIRE(cluster.create(deployment("web")).succeeded);
        REQUIRE(cluster.create(config_map("gone")).succeeded);
        REQUIRE(cluster.remove(config_map("gone")).succeeded);
        for (const char *type : types) before += json::serialize(cluster.list(type).object) + "\n";
        before += json::serialize(cluster.list("widgets").object);
    }
    TestCluster cluster(in(folder));
    std::string after;
    for (const char *type : types) after += json::serialize(cluster.list(type).object) + "\n";
    after += json::serialize(cluster.list("widgets").object);
    CHECK(after == before);

    CHECK(cluster.create(service("web")).code == Code::already_exists);
    const std::string address = at(cluster.get("svc", "web").object, "spec.clusterIP");
    CHECK_THAT(cluster.create(service("thief", {{"clusterIP", address}})).message, ContainsSubstring("already allocated"));
    CHECK(cluster.names("widgets", "", "metadata.name=gear") == "gear");
}

TEST_CASE("an object in a former group of its kind is found again after a restart, in the present one") {
    const TempFolder folder;
    {
        TestCluster cluster(in(folder));
        const FakeAnswer made = cluster.create(
            parsed(R"({"apiVersion": "extensions/v1beta1", "kind": "Ingress", "metadata": {"name": "x"}, "spec": {}})"));
        REQUIRE(made.message == "");
        CHECK(at(made.object, "apiVersion") == "networking.k8s.io/v1beta1");
    }
    TestCluster cluster(in(folder));
    CHECK(cluster.get("ing", "x").succeeded);
    CHECK(
        cluster
            .create(parsed(R"({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "x"}, "spec": {}})"))
            .code == Code::already_exists);
}

TEST_CASE("revisions and uids go on after a restart") {
    const TempFolder folder;
    std::string revision, uid;
    {
        TestCluster cluster(in(folder));
        const json::value made = cluster.create(config_map("site")).object;
        uid = at(made, "metadata.uid");
        revision = at(made, "metadata.resourceVersion");
        cluster.remove(config_map("site"));
    }
    TestCluster cluster(in(folder));
    const json::value again = cluster.create(config_map("site")).object;
    CHECK(at(again, "metadata.uid") != uid);
    CHECK(std::stoi(at(again, "metadata.resourceVersion")) == std::stoi(revision) + 2); // the deletion took one
}

TEST_CASE("without its sequence file a cluster counts on from its newest object") {
    const TempFolder folder;
    std::string newest;
    {
        TestCluster cluster(in(folder));
        newest = at(cluster.create(config_map("site")).object, "metadata.resourceVersion");
    }
    fs::remove(folder / "sequence.json");
    TestCluster cluster(in(folder));
    CHECK(std::stoi(at(cluster.create(config_map("next")).object, "metadata.resourceVersion")) > std::stoi(newest));
}
