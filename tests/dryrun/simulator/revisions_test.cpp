// SPDX-License-Identifier: Apache-2.0
//
// Revisions of objects, writes at an expected one, and the names of types.
#include "dryrun/test_cluster.hpp"
#include "support/catch.hpp"

using namespace rsf;
using namespace rsf::dryrun;

namespace {

FakeAnswer at_revision(TestCluster &cluster, std::uint32_t verb, const json::object &object, std::string revision,
                       std::uint32_t flags = 0) {
    FakeCall call;
    call.verb = verb;
    call.flags = flags;
    call.object = json::serialize(object);
    call.expected_revision = std::move(revision);
    return cluster.host().perform(call);
}

json::object site_with(std::string_view value) {
    json::object object = config_map("site");
    object["data"] = json::object{{"a", value}};
    return object;
}

json::value kind_of(TestCluster &cluster, std::string type, const json::object &object = {}) {
    FakeCall call;
    call.type = std::move(type);
    if (!object.empty()) call.object = json::serialize(object);
    const FakeAnswer answer = cluster.host().kind(call);
    return answer.succeeded ? answer.object : json::value(static_cast<std::int64_t>(answer.code));
}

json::value type_name_of(std::string_view group, std::string_view kind, bool namespaced, json::value there = true) {
    return json::object{{"group", group}, {"kind", kind}, {"namespaced", namespaced}, {"there", std::move(there)}};
}

constexpr std::string_view no_such_revision = "1";

} // namespace

TEST_CASE("an object's revision is in each answer, and changes with it") {
    TestCluster cluster;
    const std::string first = cluster.create(config_map("site")).revision;
    CHECK_FALSE(first.empty());
    CHECK(cluster.get("cm", "site").revision == first);
    const std::string second = cluster.replace(site_with("1")).revision;
    CHECK(second != first);
    CHECK(cluster.apply(site_with("2")).revision != second);
    CHECK(cluster.list("cm").revision.empty());
    CHECK(cluster.remove(config_map("site")).revision.empty());
}

TEST_CASE("a write is done at the expected revision alone") {
    TestCluster cluster;
    const std::uint32_t verb = GENERATE(values<std::uint32_t>({RSF_REPLACE, RSF_APPLY, RSF_DELETE}));
    const std::string old = cluster.create(config_map("site")).revision;
    const FakeAnswer now = cluster.replace(site_with("1"));
    const FakeAnswer refused = at_revision(cluster, verb, site_with("2"), old);
    CHECK(refused.code == Code::conflict);
    CHECK(refused.retry == Retry::never);
    CHECK_THAT(refused.message, ContainsSubstring("and revision " + old + " was expected"));
    CHECK(at_revision(cluster, verb, site_with("2"), "nonsense").code == Code::conflict);
    CHECK(at_revision(cluster, verb, site_with("2"), old, RSF_CALL_DRY_RUN).code == Code::conflict);
    CHECK(cluster.get("cm", "site").object == now.object);
    CHECK(at_revision(cluster, verb, site_with("2"), now.revision, RSF_CALL_DRY_RUN).succeeded);
    CHECK(at_revision(cluster, verb, site_with("2"), now.revision).succeeded);
    CHECK(cluster.get("cm", "site").succeeded == (verb != RSF_DELETE));
}

TEST_CASE("an apply at a revision makes nothing, and a replace or delete says that there is nothing") {
    TestCluster cluster;
    CHECK(at_revision(cluster, RSF_APPLY, config_map("site"), std::string(no_such_revision)).code == Code::conflict);
    CHECK(at_revision(cluster, RSF_REPLACE, config_map("site"), std::string(no_such_revision)).code == Code::not_found);
    CHECK(at_revision(cluster, RSF_DELETE, config_map("site"), std::string(no_such_revision)).outcome == Outcome::unchanged);
    CHECK(cluster.names("cm").empty());
}

TEST_CASE("a dry run's answer is at no revision") {
    TestCluster cluster;
    FakeCall call;
    call.verb = RSF_CREATE;
    call.flags = RSF_CALL_DRY_RUN;
    call.object = json::serialize(config_map("site"));
    const FakeAnswer answer = cluster.host().perform(call);
    CHECK(answer.succeeded);
    CHECK(answer.revision.empty());
}

TEST_CASE("a type has one name, however it is written") {
    TestCluster cluster;
    for (const char *word : {"deploy", "deployments", "Deployment", "deployments.apps", "Deployment.v1.apps"})
        CHECK(kind_of(cluster, word) == type_name_of("apps", "Deployment", true));
    CHECK(kind_of(cluster, "", deployment("web")) == type_name_of("apps", "Deployment", true));
    CHECK(kind_of(cluster, "cm", deployment("web")) == type_name_of("apps", "Deployment", true)); // the object decides
    CHECK(kind_of(cluster, "ns") == type_name_of("", "Namespace", false));
    CHECK(kind_of(cluster, "wd") == json::value(RSF_NOT_FOUND));
    CHECK(kind_of(cluster, "", widget("w")) == json::value(RSF_NOT_FOUND));
    REQUIRE(cluster.create(widget_definition()).succeeded);
    CHECK(kind_of(cluster, "wd") == type_name_of("example.com", "Widget", true));
    CHECK(kind_of(cluster, "", widget("w")) == type_name_of("example.com", "Widget", true));
}
