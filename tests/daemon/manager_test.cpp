// SPDX-License-Identifier: Apache-2.0
//
// What Deployment Manager's manager sends, and what it must get: YAML that is labelled as JSON, no Accept, a state in every
// resource, and a DELETE of the whole configuration that ends in 204 whatever became of it. Over the simulated cluster; and over
// a real one, by both transports, in the environment of ./dev cluster env.
#include "parse/document.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

using namespace rsf::test;
namespace json = boost::json;

namespace {

const HttpHeaders as_the_manager{{"Content-Type", "application/json"}, {"Accept", ""}};
const HttpHeaders asking_for_json{{"Content-Type", "application/json"}, {"Accept", "application/json"}};

std::string env(const char *name) {
    const char *value = std::getenv(name);
    return value ? value : "";
}

std::vector<std::string> targets() {
    std::vector<std::string> all{"{driver: dryrun}"};
    if (!env("RESOURCIFIER_KUBECTL").empty())
        for (const char *transport : {"proxy", "exec"})
            all.push_back("{driver: kubectl, settings: {kubectl: " + env("RESOURCIFIER_KUBECTL") +
                          ", config: " + env("KUBECONFIG") + ", transport: " + transport + "}}");
    return all;
}

// One line of YAML for each.
std::string body(const std::vector<std::string> &resources) {
    std::string text = "resources:\n";
    for (const std::string &resource : resources) text += "- " + resource + "\n";
    return text;
}

std::string resource(const std::string &name, const std::string &kind, const std::string &metadata, const std::string &more = {},
                     const std::string &api_version = "v1") {
    return "{name: " + name + ", type: " + kind + ", properties: {apiVersion: " + api_version + ", kind: " + kind +
           ", metadata: {" + metadata + "}" + more + "}}";
}

std::string config_map(const std::string &name, const std::string &object, const std::string &data = "a: b",
                       const std::string &ns = "default") {
    return resource(name, "ConfigMap", "name: " + object + ", namespace: " + ns, ", data: {" + data + "}");
}

std::string name_space(const std::string &name) { return resource(name, "Namespace", "name: " + name); }

const std::string definition = resource(
    "widgets", "CustomResourceDefinition", "name: widgets.manager.example",
    ", spec: {group: manager.example, scope: Namespaced, names: {kind: Widget, plural: widgets, singular: widget}, versions: "
    "[{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, "
    "x-kubernetes-preserve-unknown-fields: true}}}]}",
    "apiextensions.k8s.io/v1");
const std::string widget = resource("one", "Widget", "name: one, namespace: default", ", spec: {size: 3}", "manager.example/v1");

struct Deployment {
    const char *name;
    std::vector<std::string> posted; // what is there when the DELETE comes
    std::vector<std::string> removed;
    std::string actions;                        // of the plan of that DELETE
    std::vector<std::string> first_removed{};   // by somebody else, before
    std::vector<std::string> looked_at_after{}; // types and names that must be gone
};

const std::vector<Deployment> &deployments() {
    const std::string a = config_map("a", "mgr-a"), b = config_map("b", "mgr-b");
    const std::string named = config_map("b", "mgr-$(ref.a.metadata.name)"), by_uid = config_map("b", "x-$(ref.a.metadata.uid)");
    const std::string list = "{name: l, type: List, properties: {apiVersion: v1, kind: List, items: []}}";
    const std::string generated = resource("g", "ConfigMap", "generateName: mgr-, namespace: default");
    const std::vector<std::string> both_gone{"configmaps/mgr-a", "configmaps/mgr-b"};
    static const std::vector<Deployment> all{
        {"an ordinary one",
         {a, config_map("b", "mgr-b", "x: $(ref.a.metadata.name)")},
         {a, config_map("b", "mgr-b", "x: $(ref.a.metadata.name)")},
         "delete delete",
         {},
         both_gone},
        {"of which half is gone", {a, b}, {a, b}, "unchanged delete", {a}, both_gone},
        {"that never was", {}, {a, b}, "unchanged unchanged"},
        {"in a namespace that never was", {a}, {config_map("x", "x", "a: b", "mgr-never"), a}, "unchanged delete", {}, both_gone},
        {"whose namespace is gone",
         {name_space("mgr-ns"), config_map("x", "x", "a: b", "mgr-ns")},
         {name_space("mgr-ns"), config_map("x", "x", "a: b", "mgr-ns")},
         "unchanged unchanged",
         {name_space("mgr-ns")}},
        {"with its namespace",
         {name_space("mgr-ns"), config_map("x", "x", "a: b", "mgr-ns")},
         {name_space("mgr-ns"), config_map("x", "x", "a: b", "mgr-ns")},
         "delete delete"},
        {"of a kind that never was",
         {a},
         {a, resource("n", "Never", "name: n, namespace: default", "", "never.example/v1")},
         "delete unchanged",
         {},
         both_gone},
        {"of a definition and its object", {definition, widget}, {definition, widget}, "delete delete"},
        {"whose definition is gone", {definition, widget}, {widget}, "unchanged", {definition}},
        {"in a version that is not served",
         {definition, widget},
         {resource("one", "Widget", "name: one, namespace: default", "", "manager.example/v7"), definition},
         "delete delete"},
        {"with a list", {a}, {list, a}, "unchanged delete", {}, both_gone},
        {"with a name of the cluster's choosing", {a}, {generated, a}, "unchanged delete", {}, both_gone},
        {"without a kind", {a}, {"{name: w, type: Widget, properties: {spec: 1}}", a}, "unchanged delete", {}, both_gone},
        {"without kind and name, which type and name tell",
         {"{name: mgr-a, type: ConfigMap, properties: {data: {a: b}}}"},
         {"{name: mgr-a, type: ConfigMap, properties: {data: {a: b}}}"},
         "delete",
         {},
         both_gone},
        {"with a name that can't be one", {a}, {config_map("x", "'../x y'"), a}, "unchanged delete", {}, both_gone},
        {"with a reference to nobody",
         {a, b},
         {a, config_map("b", "mgr-b", "x: $(ref.nobody.x)")},
         "delete delete",
         {},
         both_gone},
        {"with nobody's name for its own", {a}, {a, config_map("x", "$(ref.nobody.x)")}, "delete unchanged", {}, both_gone},
        {"with a reference that has no end",
         {a, b},
         {a, config_map("b", "mgr-b", "x: '$(ref.a'")},
         "delete delete",
         {},
         both_gone},
        {"with a reference to a shared name",
         {a, b},
         {a, config_map("a", "mgr-b"), config_map("x", "$(ref.a.metadata.name)")},
         "delete delete unchanged",
         {},
         both_gone},
        {"in a circle",
         {a, b},
         {config_map("a", "mgr-a", "x: $(ref.b.data.x)"), config_map("b", "mgr-b", "x: $(ref.a.data.x)")},
         "delete delete",
         {},
         both_gone},
        {"with names in a circle",
         {a},
         {config_map("x", "$(ref.y.name)"), config_map("y", "$(ref.x.name)"), a},
         "unchanged unchanged delete",
         {},
         both_gone},
        {"with a name from the configuration", {a, named}, {a, named}, "delete delete", {}, {"configmaps/mgr-mgr-a"}},
        {"with such a name, and the other object is gone",
         {a, named},
         {a, named},
         "unchanged delete",
         {a},
         {"configmaps/mgr-mgr-a"}},
        {"with a name from a live object", {a, by_uid}, {a, by_uid}, "delete delete", {}, both_gone},
        {"of two of one name and type",
         {config_map("a", "mgr-a"), config_map("a", "mgr-b")},
         {config_map("a", "mgr-a"), config_map("a", "mgr-b")},
         "delete delete",
         {},
         both_gone},
        {"whose type says otherwise",
         {"{name: a, type: Deployment, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: mgr-a}}}"},
         {"{name: a, type: Deployment, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: mgr-a}}}"},
         "delete",
         {},
         both_gone},
        {"with what 2016 wrote",
         {a, config_map("b", "mgr-b", "n: $(ref.a.name), l: $(ref.a.selfLink)")},
         {a, config_map("b", "mgr-b", "n: $(ref.a.name), l: $(ref.a.selfLink)")},
         "delete delete",
         {},
         both_gone},
    };
    return all;
}

std::string actions(HttpClient &client, const std::string &text) {
    const HttpAnswer answer = client.send("DELETE", "/configurations?dryRun=true", text, asking_for_json);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    std::string all;
    const json::value plan = json::parse(answer.body);
    for (const json::value &one : plan.at("resources").as_array())
        all += (all.empty() ? "" : " ") + std::string(one.at("action").as_string());
    return all;
}

void check_deletion(HttpClient &client, const Deployment &deployment) {
    if (!deployment.posted.empty()) {
        const HttpAnswer made = client.send("POST", "/configurations", body(deployment.posted), as_the_manager);
        INFO(made.body);
        REQUIRE(made.status == 201);
        const auto document = rsf::parse::read_document(made.body, {}, 0);
        REQUIRE(document.has_value());
        const json::array &resources = document->value.at("resources").as_array();
        REQUIRE(resources.size() == deployment.posted.size());
        for (const json::value &one : resources) CHECK(one.at("state").at("status") == "Created");
    }
    if (!deployment.first_removed.empty()) {
        const HttpAnswer gone = client.send("DELETE", "/configurations", body(deployment.first_removed), as_the_manager);
        INFO(gone.body);
        REQUIRE(gone.status == 204);
    }
    const std::string removed = body(deployment.removed);
    CHECK(actions(client, removed) == deployment.actions);
    for (const char *time : {"the first time", "the second time"}) {
        INFO(time);
        const HttpAnswer gone = client.send("DELETE", "/configurations", removed, as_the_manager);
        INFO(gone.body);
        CHECK(gone.status == 204);
        CHECK(gone.body.empty());
    }
    CHECK(actions(client, removed).find("delete") == std::string::npos);
    for (const std::string &object : deployment.looked_at_after)
        CHECK(client.send("GET", "/configurations/" + object + "?namespace=default").status == 404);
}

} // namespace

TEST_CASE("every deployment can be deleted, and its plan says what the deed does") {
    for (const std::string &target : targets()) {
        INFO(target);
        DaemonProcess daemon("  prod: " + target + "\n", "default_target: prod\n");
        HttpClient client = daemon.connect();
        for (const Deployment &deployment : deployments()) {
            INFO(deployment.name);
            check_deletion(client, deployment);
        }
    }
}

TEST_CASE("what the cluster does not let go is named, and all else goes") {
    for (const std::string &target : targets()) {
        INFO(target);
        DaemonProcess daemon("  prod: " + target + "\n", "default_target: prod\n");
        HttpClient client = daemon.connect();
        REQUIRE(client.send("POST", "/configurations", body({config_map("a", "mgr-a")}), as_the_manager).status == 201);
        // The kept namespace refers to the map, which goes all the same.
        const std::string kept = resource("kept", "Namespace", "name: kube-system, labels: {a: $(ref.a.metadata.name)}");
        const HttpAnswer answer =
            client.send("DELETE", "/configurations", body({config_map("a", "mgr-a"), kept}), as_the_manager);
        INFO(answer.body);
        CHECK(answer.status == 502);
        CHECK_THAT(answer.body, ContainsSubstring("kube-system"));
        CHECK_THAT(answer.body, !ContainsSubstring("mgr-a"));
        CHECK(client.send("GET", "/configurations/configmaps/mgr-a?namespace=default").status == 404);
    }
}

TEST_CASE("a write that fails for some is answered with a state for each, whose sentences name their objects") {
    for (const std::string &target : targets()) {
        INFO(target);
        DaemonProcess daemon("  prod: " + target + "\n", "default_target: prod\n");
        HttpClient client = daemon.connect();
        const std::string posted = body({config_map("lost", "mgr-x", "a: b", "mgr-never"), config_map("a", "mgr-a"),
                                         config_map("late", "mgr-late", "x: $(ref.lost.name)")});
        const HttpAnswer answer = client.send("POST", "/configurations", posted, as_the_manager);
        CHECK(answer.status == 207);
        const auto document = rsf::parse::read_document(answer.body, {}, 0);
        REQUIRE(document.has_value());
        const json::array &resources = document->value.at("resources").as_array();
        REQUIRE(resources.size() == 3);
        const char *statuses[] = {"Failed", "Created", "Aborted"},
                   *names[] = {"mgr-never/mgr-x", "", "ConfigMap default/mgr-late: "};
        for (std::size_t i = 0; i < 3; ++i) {
            const json::object &state = resources[i].at("state").as_object();
            CHECK(state.at("status") == statuses[i]);
            const json::value *errors = state.if_contains("errors");
            CHECK((errors != nullptr) == (i != 1));
            if (errors) CHECK_THAT(std::string(errors->as_array().at(0).as_string()), ContainsSubstring(names[i]));
        }
        CHECK(client.send("DELETE", "/configurations", posted, as_the_manager).status == 204);
    }
}

TEST_CASE("a type that says otherwise than kind is noted in the plan") {
    DaemonProcess daemon("  prod: {driver: dryrun}\n", "default_target: prod\n");
    HttpClient client = daemon.connect();
    const std::string posted =
        body({"{name: a, type: Deployment, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}}"});
    const HttpAnswer answer = client.send("POST", "/configurations?dryRun=true", posted, asking_for_json);
    REQUIRE(answer.status == 200);
    const json::value planned = json::parse(answer.body);
    CHECK(planned.at("resources").at(0).at("action") == "create");
    CHECK_THAT(std::string(planned.at("resources").at(0).at("reason").as_string()),
               ContainsSubstring("Its type says otherwise, but its kind decides: ConfigMap."));
}
