// SPDX-License-Identifier: Apache-2.0
//
// Types that moved, went or can't come, on a real control plane: what is planned for a delete is what the delete does.
#include "support/catch.hpp"

#include "kubectl/live/live_cluster.hpp"

namespace {

using namespace rsf;
using namespace rsf::live;

json::object foo_definition(std::string_view plural, std::initializer_list<const char *> versions) {
    json::array listed;
    for (const char *version : versions)
        listed.push_back({{"name", version},
                          {"served", true},
                          {"storage", version == *versions.begin()},
                          {"schema", {{"openAPIV3Schema", {{"type", "object"}}}}}});
    return {{"apiVersion", "apiextensions.k8s.io/v1"},
            {"kind", "CustomResourceDefinition"},
            {"metadata", {{"name", std::string(plural) + ".types.rsf.example"}}},
            {"spec",
             {{"group", "types.rsf.example"},
              {"scope", "Namespaced"},
              {"names", {{"kind", "Foo"}, {"plural", plural}}},
              {"versions", std::move(listed)}}}};
}

json::object identity_of(const char *api_version, const char *kind, const char *name = "rsf-moved") {
    return {{"apiVersion", api_version}, {"kind", kind}, {"metadata", {{"name", name}, {"namespace", "default"}}}};
}

FakeAnswer removed(FakeHost &host, const json::object &object, bool dry_run) {
    FakeCall call;
    call.verb = RSF_DELETE;
    call.flags = dry_run ? std::uint32_t{RSF_CALL_DRY_RUN} : 0U;
    call.object = json::serialize(object);
    return host.perform(call);
}

} // namespace

TEST_CASE("an object whose apiVersion moved is read, planned and deleted as the same object") {
    if (!has_cluster()) return;
    const json::object deployment = object(R"({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "rsf-moved", "namespace": "default"}, "spec": {"replicas": 0, "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}}})");
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        removed(cluster.host, deployment, false);
        REQUIRE(cluster.host.create("Deployment", "x", deployment).succeeded);
        const json::object old = identity_of("extensions/v1beta1", "Deployment");
        const FakeAnswer read = cluster.host.get("Deployment.v1beta1.extensions", "rsf-moved");
        INFO(read.message << read.fault);
        CHECK(read.object.at("kind") == "Deployment");
        CHECK(removed(cluster.host, old, true).outcome == Outcome::done);
        CHECK(removed(cluster.host, old, false).outcome == Outcome::done);
        CHECK(cluster.host.get("Deployment.v1beta1.extensions", "rsf-moved").code == Code::not_found);
        CHECK(removed(cluster.host, old, true).outcome == Outcome::unchanged);
        CHECK(removed(cluster.host, old, false).outcome == Outcome::unchanged);
    }
}

TEST_CASE("an object is deleted in a version that its definition does not serve any more") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        FakeHost other(driver_entry<kubectl::KubectlDriver>,
                       Cluster::settings(way, {})); // that others change, as far as host knows
        removed(other, foo_definition("foos", {"v1"}), false);
        REQUIRE(other.create("crd", "x", foo_definition("foos", {"v1", "v1alpha1"})).succeeded);
        const json::object old = identity_of("types.rsf.example/v1alpha1", "Foo");
        FakeAnswer made = cluster.host.create("Foo", "x", identity_of("types.rsf.example/v1", "Foo"));
        INFO(made.message);
        REQUIRE(made.succeeded);
        CHECK(removed(cluster.host, old, true).outcome == Outcome::done);
        CHECK(cluster.host.get("Foo.v1alpha1.types.rsf.example", "rsf-moved").succeeded);
        REQUIRE(other.replace("crd", "x", foo_definition("foos", {"v1"})).succeeded);
        // Until the cluster answers so.
        while (other.get("foos.v1alpha1.types.rsf.example", "rsf-moved").succeeded) continue;

        const FakeAnswer read = cluster.host.get("Foo.v1alpha1.types.rsf.example", "rsf-moved");
        INFO(read.message << read.fault);
        CHECK(read.succeeded);
        const FakeAnswer planned = removed(cluster.host, old, true), gone = removed(cluster.host, old, false);
        INFO(planned.message << gone.message);
        CHECK(planned.outcome == Outcome::done);
        CHECK(gone.outcome == Outcome::done);
        CHECK(other.get("foos.v1.types.rsf.example", "rsf-moved").code == Code::not_found);
        removed(other, foo_definition("foos", {"v1"}), false);
    }
}

TEST_CASE("a definition whose names are taken fails at once, with the cluster's reason") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        const json::object first = foo_definition("foos", {"v1"}), second = foo_definition("bars", {"v1"});
        for (const json::object &each : {first, second}) removed(cluster.host, each, false);
        REQUIRE(cluster.host.create("crd", "x", first).succeeded);
        const FakeAnswer answer = cluster.host.create("crd", "y", second);
        INFO(answer.message);
        CHECK(answer.code == Code::conflict);
        CHECK_THAT(answer.message, ContainsSubstring("is already in use"));
        for (const json::object &each : {second, first}) removed(cluster.host, each, false);
    }
}

TEST_CASE("a delete of what is never stored finds nothing, and so does its plan") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        for (const bool dry_run : {true, false}) {
            const FakeAnswer answer =
                removed(cluster.host, identity_of("authorization.k8s.io/v1", "SelfSubjectAccessReview"), dry_run);
            INFO(answer.message);
            CHECK(answer.succeeded);
            CHECK(answer.outcome == Outcome::unchanged);
        }
    }
}

TEST_CASE("of many deletes, those that find nothing hold up none of the others") {
    if (!has_cluster()) return;
    for (const std::string &kubectl : kubectls()) {
        INFO(kubectl);
        Cluster cluster({kubectl, "exec"});
        REQUIRE(cluster.host.create("cm", "x", config_map("rsf-one", "1", "default")).succeeded);
        std::vector<FakeCall> calls;
        for (const char *name : {"rsf-none", "rsf-one", "rsf-two"}) {
            FakeCall &call = calls.emplace_back();
            call.verb = RSF_DELETE;
            call.object = json::serialize(config_map(name, "", "default"));
        }
        calls.emplace_back(calls.front()).object = json::serialize(identity_of("gone.rsf.example/v1", "Foo"));
        const std::vector<FakeAnswer> answers = cluster.host.batch(calls);
        for (const FakeAnswer &answer : answers) CHECK(answer.succeeded);
        CHECK(answers[1].outcome == Outcome::done);
        for (const std::size_t i : {0, 2, 3}) CHECK(answers[i].outcome == Outcome::unchanged);
        CHECK(cluster.host.get("cm", "rsf-one").code == Code::not_found);
    }
}
