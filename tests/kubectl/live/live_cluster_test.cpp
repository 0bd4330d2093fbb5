// SPDX-License-Identifier: Apache-2.0
//
// The driver against a real control plane.
#include "support/catch.hpp"

#include "kubectl/kubectl_driver.hpp"

#include "kubectl/live/live_cluster.hpp"

#include <resourcifier/fake_host.hpp>

namespace {

using namespace rsf;
using namespace rsf::live;

} // namespace

TEST_CASE("an object is created, read, replaced, listed and deleted") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        FakeAnswer answer = cluster.host.create("ConfigMap", "one", config_map("rsf-one", "1"));
        INFO(answer.message << answer.fault);
        REQUIRE(answer.succeeded);
        CHECK(answer.outcome == Outcome::created);
        CHECK(answer.selflink == "/api/v1/namespaces/default/configmaps/rsf-one");
        CHECK(answer.object.at("metadata").as_object().contains("uid"));
        CHECK(answer.object.at("data").at("a") == "1");

        answer = cluster.host.create("ConfigMap", "one", config_map("rsf-one", "2"));
        CHECK(answer.code == Code::already_exists);
        CHECK(answer.message == "The cluster says: configmaps \"rsf-one\" already exists");

        answer = cluster.host.replace("ConfigMap", "one", config_map("rsf-one", "3"));
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        CHECK(answer.outcome == Outcome::changed);
        CHECK(answer.object.at("data").at("a") == "3");

        answer = cluster.host.get("cm", "rsf-one");
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        CHECK(answer.object.at("data").at("a") == "3");

        FakeCall list;
        list.verb = RSF_LIST;
        list.type = "configmaps";
        list.field_selector = "metadata.name=rsf-one";
        answer = cluster.host.perform(list);
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        CHECK(answer.object.at("items").as_array().size() == 1);

        answer = cluster.host.remove("ConfigMap", "one", config_map("rsf-one", ""));
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        CHECK(answer.outcome == Outcome::done);
        answer = cluster.host.remove("ConfigMap", "one", config_map("rsf-one", ""));
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        CHECK(answer.outcome == Outcome::unchanged);

        CHECK(cluster.host.get("cm", "rsf-one").code == Code::not_found);
        CHECK(cluster.host.replace("cm", "rsf-one", config_map("rsf-one", "")).code == Code::not_found);
    }
}

TEST_CASE("an apply creates, changes or leaves, and does not take what another manager holds unless it is forced") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        FakeAnswer answer = cluster.host.apply("cm", "one", config_map("rsf-one", "1", "default"));
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        CHECK(answer.outcome == Outcome::created);
        CHECK(cluster.host.apply("cm", "one", config_map("rsf-one", "1", "default")).outcome == Outcome::unchanged);
        answer = cluster.host.apply("cm", "one", config_map("rsf-one", "2", "default"));
        CHECK(answer.outcome == Outcome::changed);
        CHECK(answer.object.at("data").at("a") == "2");

        FakeHost other(driver_entry<kubectl::KubectlDriver>, Cluster::settings(way, {{"field_manager", "another"}}));
        answer = other.apply("cm", "one", config_map("rsf-one", "3", "default"));
        CHECK(answer.code == Code::conflict);
        CHECK_THAT(answer.message, ContainsSubstring("resourcifier") && ContainsSubstring(".data.a"));
        FakeHost strong(driver_entry<kubectl::KubectlDriver>,
                        Cluster::settings(way, {{"field_manager", "another"}, {"force", true}}));
        CHECK(strong.apply("cm", "one", config_map("rsf-one", "3", "default")).outcome == Outcome::changed);
    }
}

TEST_CASE("an object is absent when its namespace is") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        FakeAnswer answer = cluster.host.remove("cm", "x", config_map("x", "", "rsf-no-such"));
        CHECK(answer.succeeded);
        CHECK(answer.outcome == Outcome::unchanged);
        answer = cluster.host.create("cm", "x", config_map("x", "", "rsf-no-such"));
        CHECK(answer.code == Code::not_found);
        CHECK(answer.message == "The cluster says: namespaces \"rsf-no-such\" not found");
        answer = cluster.host.remove("ns", "x",
                                     object(R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "rsf-no"}})"));
        CHECK(answer.succeeded);
        CHECK(answer.outcome == Outcome::unchanged);
    }
}

TEST_CASE("what the cluster refuses has a code, a sentence and its causes") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        FakeAnswer answer = cluster.host.create("deployment", "x", object(R"({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "rsf-one"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template":
            {"metadata": {"labels": {"a": "c"}}, "spec": {"containers": [{"name": "Bad_", "image": "x"}]}}}})"));
        INFO(answer.message);
        CHECK(answer.code == Code::invalid);
        REQUIRE(answer.details.is_object());
        const json::array &causes = answer.details.at("causes").as_array();
        REQUIRE(causes.size() == 2);
        CHECK(causes[0].at("field") == "spec.template.metadata.labels");
        CHECK(causes[1].at("field") == "spec.template.spec.containers[0].name");

        json::object bad_name = config_map("rsf-one", "");
        bad_name["metadata"].as_object()["labels"] = json::object{{"a b", "c"}};
        answer = cluster.host.create("cm", "x", bad_name);
        INFO(answer.message);
        CHECK(answer.code == Code::invalid);

        json::object unknown_field = config_map("rsf-one", "");
        unknown_field["dta"] = 1;
        answer = cluster.host.create("cm", "x", unknown_field);
        INFO(answer.message);
        CHECK(answer.code == Code::invalid);
        CHECK_THAT(answer.message, ContainsSubstring("unknown field \"dta\""));
        CHECK_THAT(answer.message, !ContainsSubstring("--validate"));

        json::object stale = config_map("rsf-one", "");
        REQUIRE(cluster.host.create("cm", "x", stale).succeeded);
        stale["metadata"].as_object()["resourceVersion"] = "1";
        answer = cluster.host.replace("cm", "x", stale);
        INFO(answer.message);
        CHECK(answer.code == Code::conflict);

        answer = cluster.host.create(
            "x", "x", object(R"({"apiVersion": "no.example.org/v1", "kind": "Widget", "metadata": {"name": "x"}})"));
        CHECK(answer.code == Code::invalid);
        CHECK(answer.message == "The cluster has no kind Widget in no.example.org/v1: correct apiVersion and kind, or create its "
                                "CustomResourceDefinition first.");
        CHECK(cluster.host.get("widgets", "x").code == Code::not_found);
        CHECK(cluster.host.list("widgets.v1.no.example.org").code == Code::not_found);
    }
}

TEST_CASE("a custom object can be created as soon as its definition was") {
    if (!has_cluster()) return;
    const json::object definition = object(R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "gadgets.rsf.example.org"}, "spec": {"group": "rsf.example.org", "scope": "Namespaced",
        "names": {"plural": "gadgets", "singular": "gadget", "kind": "Gadget"}, "versions": [{"name": "v1", "served": true, "storage": true,
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})");
    const json::object gadget =
        object(R"({"apiVersion": "rsf.example.org/v1", "kind": "Gadget", "metadata": {"name": "g"}, "size": 3})");
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way, {{"namespace", "default"}});
        cluster.host.remove("crd", "d", definition);
        FakeAnswer answer = cluster.host.create("crd", "d", definition);
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        answer = cluster.host.create("gadget", "g", gadget);
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        CHECK(answer.object.at("size") == 3);
        CHECK(answer.selflink == (way.transport == "proxy" ? "/apis/rsf.example.org/v1/namespaces/default/gadgets/g" : ""));
        CHECK(cluster.host.get("gadgets.v1.rsf.example.org", "g").succeeded);
        CHECK(cluster.host.remove("gadget", "g", gadget).outcome == Outcome::done);
        CHECK(cluster.host.remove("gadget", "g", gadget).outcome == Outcome::unchanged);
        CHECK(cluster.host.remove("crd", "d", definition).outcome == Outcome::done);
        answer = cluster.host.create("gadget", "g", gadget); // discovery still has it cached
        INFO(answer.message);
        CHECK(answer.code == Code::invalid);
        CHECK_THAT(answer.message, ContainsSubstring("CustomResourceDefinition"));
    }
}

TEST_CASE("an object goes to the request's namespace, then its own, then the target's, then the context's") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way, {{"namespace", "kube-public"}});
        const auto created_in = [&](const std::string &ns_of_request, std::string_view own) {
            FakeCall call;
            call.type = "cm";
            call.name = "one";
            call.ns = ns_of_request;
            call.object = json::serialize(config_map("rsf-one", "", own));
            call.verb = RSF_CREATE;
            const FakeAnswer made = cluster.host.perform(call);
            call.verb = RSF_DELETE;
            const FakeAnswer gone = cluster.host.perform(call);
            CHECK(gone.outcome == Outcome::done);
            return made.succeeded ? std::string(made.object.at("metadata").at("namespace").as_string()) : made.message;
        };
        CHECK(created_in("default", "") == "default");
        CHECK(created_in("", "default") == "default");
        CHECK(created_in("default", "default") == "default");
        CHECK(created_in("", "") == "kube-public");
    }
}

TEST_CASE("a delete that a finalizer holds up ends as a timeout that says what may have happened") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        json::object held = config_map("rsf-two", "", "default");
        held["metadata"].as_object()["finalizers"] = json::array{"example.org/held"};
        REQUIRE(cluster.host.create("cm", "two", held).succeeded);
        FakeCall call;
        call.verb = RSF_DELETE;
        call.type = "cm";
        call.object = json::serialize(held);
        call.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
        const FakeAnswer answer = cluster.host.perform(call);
        CHECK(std::chrono::steady_clock::now() < call.deadline);
        CHECK(answer.code == Code::timeout);
        CHECK(answer.message == (way.transport == "proxy"
                                     ? "The deletion was accepted, but the object is not gone yet. It is held "
                                       "by its finalizers: example.org/held."
                                     : "kubectl did not end in time and was stopped. The change may have happened."));
        held["metadata"].as_object()["finalizers"] = json::array{};
        CHECK(cluster.host.replace("cm", "two", held).succeeded);
    }
}

TEST_CASE("many objects at once end each as if it were alone") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        if (way.transport != "exec") continue;
        INFO(way.kubectl);
        Cluster cluster(way);
        const auto batch = [&](std::uint32_t verb, const std::vector<json::object> &objects, std::chrono::seconds time) {
            std::vector<FakeCall> calls;
            for (const json::object &object : objects) {
                FakeCall &call = calls.emplace_back();
                call.verb = verb;
                call.type = object.at("kind").as_string();
                call.object = json::serialize(object);
                call.deadline = std::chrono::steady_clock::now() + time;
            }
            return cluster.host.batch(calls);
        };
        constexpr std::chrono::seconds long_time{60};
        json::object unknown_field = config_map("rsf-x", "", "default"), bad_label = config_map("rsf-x", "", "default");
        unknown_field["dta"] = 1;
        bad_label["metadata"].as_object()["labels"] = json::object{{"a b", "c"}};
        const json::object unknown_kind =
            object(R"({"apiVersion": "no.example.org/v1", "kind": "Widget", "metadata": {"name": "x"}})");
        const json::object invalid =
            object(R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "rsf-x"}, "spec":
            {"selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "c"}}, "spec":
            {"containers": [{"name": "Bad_", "image": "x"}]}}}})");

        REQUIRE(cluster.host.create("cm", "two", config_map("rsf-two", "0", "default")).succeeded);
        const std::vector<FakeAnswer> made =
            batch(RSF_CREATE,
                  {config_map("rsf-one", "1", "default"), config_map("rsf-two", "1", "default"), unknown_kind, unknown_field,
                   bad_label, invalid, config_map("rsf-x", "", "rsf-no-such"), config_map("rsf-one", "1", "kube-public")},
                  long_time);
        for (const FakeAnswer &answer : made) INFO(answer.message);
        CHECK(made[0].outcome == Outcome::created);
        CHECK(made[0].object.at("metadata").at("namespace") == "default");
        CHECK(made[0].selflink == "/api/v1/namespaces/default/configmaps/rsf-one");
        CHECK(made[1].code == Code::already_exists);
        CHECK_THAT(made[2].message, ContainsSubstring("The cluster has no kind Widget in no.example.org/v1"));
        CHECK_THAT(made[3].message, ContainsSubstring("unknown field \"dta\""));
        CHECK(made[4].code == Code::invalid);
        CHECK(made[5].code == Code::invalid);
        CHECK_THAT(made[5].message, ContainsSubstring("spec.template.metadata.labels"));
        CHECK(made[6].message == "The cluster says: namespaces \"rsf-no-such\" not found");
        CHECK(made[7].object.at("metadata").at("namespace") == "kube-public");

        // The only one that fails: kubectl does not say which file it was in.
        const std::vector<FakeAnswer> one_fails = batch(RSF_CREATE, {invalid, config_map("rsf-three", "", "default")}, long_time);
        CHECK(one_fails[0].code == Code::invalid);
        CHECK(one_fails[1].outcome == Outcome::created);

        const std::vector<FakeAnswer> replaced = batch(
            RSF_REPLACE,
            {config_map("rsf-one", "2", "default"), config_map("rsf-no", "", "default"), config_map("rsf-two", "2", "default")},
            long_time);
        CHECK(replaced[0].object.at("data").at("a") == "2");
        CHECK(replaced[1].code == Code::not_found);
        CHECK(replaced[2].object.at("data").at("a") == "2");

        json::object held = config_map("rsf-held", "", "default");
        held["metadata"].as_object()["finalizers"] = json::array{"example.org/held"};
        const std::vector<FakeAnswer> applied =
            batch(RSF_APPLY, {held, config_map("rsf-four", "1", "default"), unknown_kind, config_map("rsf-five", "1", "default")},
                  long_time);
        for (const FakeAnswer &answer : applied) INFO(answer.message);
        CHECK(applied[0].outcome == Outcome::created);
        CHECK(applied[1].outcome == Outcome::created);
        CHECK(applied[2].code == Code::invalid);
        const std::vector<FakeAnswer> again =
            batch(RSF_APPLY, {config_map("rsf-four", "1", "default"), config_map("rsf-five", "2", "default")}, long_time);
        CHECK(again[0].outcome == Outcome::unchanged);
        CHECK(again[1].outcome == Outcome::changed);

        // One that another manager holds: kubectl says neither which it was nor what became of the others.
        {
            FakeHost other(driver_entry<kubectl::KubectlDriver>,
                           Cluster::settings(way, {{"field_manager", "another"}, {"force", true}}));
            REQUIRE(other.apply("cm", "five", config_map("rsf-five", "9", "default")).succeeded);
        }
        const std::vector<FakeAnswer> contested =
            batch(RSF_APPLY,
                  {config_map("rsf-four", "3", "default"), config_map("rsf-five", "3", "default"),
                   config_map("rsf-six", "3", "default"), config_map("rsf-seven", "3", "default")},
                  long_time);
        CHECK(contested[0].outcome == Outcome::changed);
        CHECK(contested[1].code == Code::conflict);
        CHECK_THAT(contested[1].message, ContainsSubstring("another") && ContainsSubstring(".data.a"));
        CHECK(contested[2].outcome == Outcome::created);
        CHECK(contested[3].outcome == Outcome::created);

        const std::vector<FakeAnswer> deleted = batch(
            RSF_DELETE,
            {config_map("rsf-one", "", "default"), config_map("rsf-one", "", "kube-public"), config_map("rsf-two", "", "default"),
             config_map("rsf-no", "", "default"), config_map("rsf-x", "", "rsf-no-such"), unknown_kind},
            long_time);
        CHECK(deleted[0].outcome == Outcome::done);
        CHECK(deleted[1].outcome == Outcome::done);
        CHECK(deleted[2].outcome == Outcome::done);
        CHECK(deleted[3].outcome == Outcome::unchanged);
        CHECK(deleted[4].outcome == Outcome::unchanged);
        CHECK(deleted[5].outcome == Outcome::unchanged);

        const std::vector<FakeAnswer> some_held =
            batch(RSF_DELETE,
                  {config_map("rsf-three", "", "default"), held, config_map("rsf-four", "", "default"),
                   config_map("rsf-five", "", "default"), unknown_kind, config_map("rsf-six", "", "default"),
                   config_map("rsf-seven", "", "default")},
                  std::chrono::seconds(20)); // what the held one takes; the others have to be done in it on a busy machine
        for (const FakeAnswer &answer : some_held) INFO(answer.message);
        CHECK(some_held[0].outcome == Outcome::done);
        CHECK(some_held[1].code == Code::timeout);
        CHECK(some_held[2].outcome == Outcome::done);
        CHECK(some_held[3].outcome == Outcome::done);
        CHECK(some_held[4].outcome == Outcome::unchanged);
        CHECK(some_held[5].outcome == Outcome::done);
        CHECK(some_held[6].outcome == Outcome::done);
        held["metadata"].as_object()["finalizers"] = json::array{};
        CHECK(cluster.host.replace("cm", "held", held).succeeded);
    }
}
