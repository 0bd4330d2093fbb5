// SPDX-License-Identifier: Apache-2.0
//
// The daemon with the kubectl driver against a real Kubernetes API server.
#include "cluster/control_plane.hpp"
#include "parse/configuration.hpp"
#include "parse/document.hpp"
#include "parse/references.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <csignal>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>
#include <utility>

using namespace rsf::test;
using rsf::parse::Configuration;
namespace json = boost::json;

namespace {

ControlPlane &plane() {
    static ControlPlane plane;
    return plane;
}

// The daemon with one target, prod, that is the control plane.
std::string prod(std::string_view more_settings = {}, std::string_view more = {}) {
    return "  prod:\n    driver: kubectl\n" + std::string(more) + "    settings: {kubectl: " + plane().kubectl() +
           ", config: " + plane().kubeconfig() + std::string(more_settings) + "}\n";
}

std::vector<std::string> kubectl_name(const json::object &object) {
    const json::object &metadata = object.at("metadata").as_object();
    std::vector<std::string> words{std::string(object.at("kind").as_string()), std::string(metadata.at("name").as_string())};
    if (metadata.contains("namespace")) words.push_back("--namespace=" + std::string(metadata.at("namespace").as_string()));
    return words;
}

// object without what the server sets by itself, or differently each time.
json::value posted_part(json::value object) {
    json::object &top = object.as_object();
    top.erase("status");
    json::object &metadata = top.at("metadata").as_object();
    for (const char *key : {"uid", "resourceVersion", "creationTimestamp", "managedFields", "selfLink", "generation"})
        metadata.erase(key);
    if (json::value *annotations = metadata.if_contains("annotations")) {
        annotations->as_object().erase("deployment.kubernetes.io/revision"); // the controller's
        if (annotations->as_object().empty()) metadata.erase("annotations");
    }
    if (top.at("kind") == "Service") {
        top.at("spec").as_object().erase("clusterIP");
        top.at("spec").as_object().erase("clusterIPs");
        for (json::value &port : top.at("spec").at("ports").as_array()) port.as_object().erase("nodePort");
    }
    return object;
}

json::array states_of(const HttpAnswer &answer) {
    json::array states;
    const json::value body = json::parse(answer.body);
    for (const json::value &resource : body.at("resources").as_array()) states.push_back(resource.at("state"));
    return states;
}

std::string config_map(std::string_view name, std::string_view data = "{}", std::string_view ns = "default") {
    return "- name: " + std::string(name) +
           "\n  type: ConfigMap\n  properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: " + std::string(name) +
           ", namespace: " + std::string(ns) + "}, data: " + std::string(data) + "}\n";
}

} // namespace

TEST_CASE("the guestbook becomes the objects that kubectl create makes of the same manifests") {
    const std::string text = read_file(TEST_SOURCE_DIR "/../examples/guestbook.yaml");
    const DaemonProcess daemon(prod());
    HttpClient client = daemon.connect();

    const HttpAnswer created = client.send("POST", "/configurations", text, wants_json);
    INFO(created.body << daemon.log());
    REQUIRE(created.status == 201);
    for (const json::value &state : states_of(created)) CHECK(state.at("status") == "Created");

    const auto configuration = rsf::parse::read_configuration(text, {});
    REQUIRE(configuration.has_value());
    std::map<std::string, json::value> live;
    for (const auto &resource : configuration->resources) live[resource.name] = plane().get(kubectl_name(resource.properties));

    SECTION("reads answer what kubectl get answers") {
        for (const auto &resource : configuration->resources) {
            const std::vector<std::string> words = kubectl_name(resource.properties);
            const std::string query = words.size() > 2 ? "?namespace=" + words[2].substr(words[2].find('=') + 1) : "";
            // Controllers write to what was just created: what counts is what was read between two equal answers.
            json::value theirs = plane().get(words), again;
            HttpAnswer one;
            for (bool is_at_rest = false; !is_at_rest; theirs = std::exchange(again, nullptr)) {
                one = client.send("GET", "/configurations/" + words[0] + "/" + words[1] + query, {}, wants_json);
                again = plane().get(words);
                is_at_rest = again == theirs;
            }
            CHECK(json::parse(one.body) == theirs);
        }
        const HttpAnswer list = client.send("GET", "/configurations/services?namespace=guestbook", {}, wants_json);
        CHECK(json::parse(list.body) == plane().get({"services", "--namespace=guestbook"}));
        const HttpAnswer everywhere = client.send("GET", "/configurations/svc?allNamespaces=true", {}, wants_json);
        CHECK(json::parse(everywhere.body) == plane().get({"services", "--all-namespaces"}));
        const HttpAnswer labelled =
            client.send("GET", "/configurations/services?allNamespaces=true&labelSelector=provider%3Dkubernetes", {}, wants_json);
        CHECK(json::parse(labelled.body) == plane().get({"services", "--all-namespaces", "-l", "provider=kubernetes"}));
        const HttpAnswer by_field = client.send(
            "GET", "/configurations/services?allNamespaces=true&fieldSelector=metadata.name%3Dkubernetes", {}, wants_json);
        CHECK(json::parse(by_field.body) ==
              plane().get({"services", "--all-namespaces", "--field-selector", "metadata.name=kubernetes"}));
    }

    SECTION("a second create reports what exists, and touches nothing") {
        const HttpAnswer again = client.send("POST", "/configurations", text, wants_json);
        CHECK(again.status == 207);
        for (const json::value &state : states_of(again)) {
            INFO(json::serialize(state));
            CHECK((state.at("status") == "Failed" || state.at("status") == "Aborted"));
            CHECK_THAT(std::string(state.at("errors").at(0).as_string()), ContainsSubstring("already exists"));
        }
        for (const auto &resource : configuration->resources) {
            const json::value now = plane().get(kubectl_name(resource.properties));
            CHECK(now.at("metadata").at("uid") == live[resource.name].at("metadata").at("uid"));
            CHECK(posted_part(now) == posted_part(live[resource.name]));
        }
    }

    const HttpAnswer deleted = client.send("DELETE", "/configurations", text);
    INFO(deleted.body);
    CHECK(deleted.status == 204);
    for (const auto &resource : configuration->resources) {
        std::vector<std::string> words = kubectl_name(resource.properties);
        words.insert(words.begin(), "get");
        CHECK_THAT(plane().run_kubectl(words).err, ContainsSubstring("NotFound"));
    }

    SECTION("kubectl create makes the same objects") {
        const TempFolder folder;
        json::array items;
        for (const auto &resource : configuration->resources) {
            const auto resolved = rsf::parse::resolve(resource.properties, [&](const rsf::parse::Reference &reference) {
                return rsf::parse::value_at(live.at(reference.name), reference.path);
            });
            REQUIRE(resolved.has_value());
            items.push_back(*resolved);
        }
        write_file(folder.path() / "list.json",
                   json::serialize(json::object{{"apiVersion", "v1"}, {"kind", "List"}, {"items", items}}));
        const Ended made = plane().run_kubectl({"create", "-f", (folder.path() / "list.json").string()});
        INFO(made.err);
        REQUIRE(made.exit_code == 0);
        for (const auto &resource : configuration->resources) {
            INFO(resource.name);
            CHECK(posted_part(live[resource.name]) == posted_part(plane().get(kubectl_name(resource.properties))));
        }
        CHECK(client.send("DELETE", "/configurations", text).status == 204);
    }
}

TEST_CASE("a replace changes live objects") {
    const DaemonProcess daemon(prod());
    HttpClient client = daemon.connect();
    REQUIRE(client.send("POST", "/configurations", "resources:\n" + config_map("replaced", "{a: one}")).status == 201);
    const HttpAnswer replaced =
        client.send("PUT", "/configurations", "resources:\n" + config_map("replaced", "{a: two}"), wants_json);
    CHECK(replaced.status == 200);
    CHECK(states_of(replaced).at(0).at("status") == "Replaced");
    CHECK(plane().get({"cm", "replaced"}).at("data") == json::object{{"a", "two"}});
    CHECK(client.send("DELETE", "/configurations", "resources:\n" + config_map("replaced")).status == 204);
    const HttpAnswer absent = client.send("PUT", "/configurations", "resources:\n" + config_map("replaced"), wants_json);
    CHECK(absent.status == 207);
    CHECK_THAT(std::string(states_of(absent).at(0).at("errors").at(0).as_string()), ContainsSubstring("not found"));
}

TEST_CASE("a chain of 20 references and a diamond resolve to live values") {
    std::string text = "resources:\n";
    for (int i = 19; i > 0; --i) // posted backwards, so that the order is the daemon's doing
        text += config_map("chain-" + std::to_string(i), "{uid: $(ref.chain-" + std::to_string(i - 1) +
                                                             ".metadata.uid), path: $(ref.chain-" + std::to_string(i - 1) +
                                                             ".data.path)." + std::to_string(i) + "}");
    text += config_map("chain-0", "{path: '0'}");
    text += config_map("bottom", "{both: $(ref.left.metadata.uid)+$(ref.right.metadata.uid)}");
    text += config_map("left", "{top: $(ref.top.metadata.uid)}") + config_map("right", "{top: $(ref.top.metadata.uid)}") +
            config_map("top");

    const DaemonProcess daemon(prod());
    HttpClient client = daemon.connect();
    const HttpAnswer created = client.send("POST", "/configurations", text, wants_json);
    INFO(created.body);
    REQUIRE(created.status == 201);
    const auto data = [&](const std::string &name) { return plane().get({"cm", name}).at("data"); };
    const auto uid = [&](const std::string &name) {
        return std::string(plane().get({"cm", name}).at("metadata").at("uid").as_string());
    };
    CHECK(data("chain-19").at("path") == "0.1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19");
    CHECK(data("chain-19").at("uid").as_string() == uid("chain-18"));
    CHECK(data("bottom").at("both").as_string() == uid("left") + "+" + uid("right"));
    CHECK(data("left").at("top").as_string() == uid("top"));
    CHECK(client.send("DELETE", "/configurations", text).status == 204);
}

TEST_CASE("a failure in the middle aborts exactly what depends on it") {
    const std::string text = "resources:\n" + config_map("first") + config_map("BAD", "{x: $(ref.first.metadata.uid)}") +
                             config_map("after-bad", "{x: $(ref.BAD.metadata.uid)}") +
                             config_map("far", "{x: $(ref.after-bad.metadata.uid)}") +
                             config_map("beside", "{x: $(ref.first.metadata.uid)}");
    const DaemonProcess daemon(prod());
    HttpClient client = daemon.connect();
    const HttpAnswer answer = client.send("POST", "/configurations", text, wants_json);
    CHECK(answer.status == 207);
    const json::array states = states_of(answer);
    INFO(answer.body);
    CHECK(states.at(0).at("status") == "Created");
    CHECK(states.at(1).at("status") == "Failed");
    CHECK(states.at(2).at("status") == "Aborted");
    CHECK(states.at(3).at("status") == "Aborted");
    CHECK(states.at(4).at("status") == "Created");
    CHECK_THAT(std::string(states.at(3).at("errors").at(0).as_string()), ContainsSubstring("BAD"));
    CHECK(plane().get({"cm", "beside"}).at("kind") == "ConfigMap");
    plane().run_kubectl({"delete", "cm", "first", "beside"});
}

TEST_CASE("a custom resource definition is established before its objects are made") {
    const std::string text = R"(resources:
- name: my-widget
  type: Widget
  properties: {apiVersion: example.org/v1, kind: Widget, metadata: {name: mine, namespace: default}, spec: {size: 3}}
- name: widgets
  type: CustomResourceDefinition
  properties:
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: widgets.example.org}
    spec:
      group: example.org
      scope: Namespaced
      names: {kind: Widget, plural: widgets, singular: widget, shortNames: [wd]}
      versions:
      - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
)";
    const DaemonProcess daemon(prod());
    HttpClient client = daemon.connect();
    const HttpAnswer created = client.send("POST", "/configurations", text, wants_json);
    INFO(created.body);
    CHECK(created.status == 201);
    CHECK(client.send("GET", "/configurations/wd/mine?namespace=default").status == 200);
    CHECK(client.send("DELETE", "/configurations", text).status == 204);
    CHECK_THAT(plane().run_kubectl({"get", "crd", "widgets.example.org"}).err, ContainsSubstring("NotFound"));
}

TEST_CASE("what is in a namespace that is missing is absent already") {
    const DaemonProcess daemon(prod());
    const HttpAnswer answer =
        daemon.connect().send("DELETE", "/configurations", "resources:\n" + config_map("x", "{}", "nowhere"));
    CHECK(answer.status == 204);
}

TEST_CASE("a user who may only read is refused with the cluster's reason") {
    const DaemonProcess daemon("  prod: {driver: kubectl, settings: {kubectl: " + plane().kubectl() +
                               ", config: " + plane().reader_kubeconfig() + "}}\n");
    HttpClient client = daemon.connect();
    CHECK(client.send("GET", "/configurations/ns/default").status == 200);
    const HttpAnswer answer = client.send("POST", "/configurations", "resources:\n" + config_map("refused"), wants_json);
    CHECK(answer.status == 207);
    CHECK_THAT(answer.body, ContainsSubstring("forbidden"));
}

TEST_CASE("100 independent objects are made, several kubectl at once") {
    std::string text = "resources:\n";
    for (int i = 0; i < 100; ++i) text += config_map("many-" + std::to_string(i));
    const DaemonProcess daemon(prod());
    HttpClient client = daemon.connect();
    CHECK(client.send("POST", "/configurations", text).status == 201);
    CHECK(client.send("DELETE", "/configurations", text).status == 204);
}

TEST_CASE("an API server that stops answering costs its calls, and kubectl killed meanwhile its own; the next request works") {
    const DaemonProcess daemon(prod({}, "    timeout: 3s\n"));
    HttpClient client = daemon.connect();
    REQUIRE(client.send("GET", "/configurations/ns/default").status == 200);

    plane().signal_api_server(SIGSTOP);
    auto post = std::async(std::launch::async, [&] {
        return daemon.connect().send(
            "POST", "/configurations",
            "resources:\n" + config_map("a") + config_map("b", "{x: $(ref.a.metadata.uid)}") + config_map("c"), wants_json);
    });
    SECTION("timeouts") {}
    SECTION("kill -9 of every kubectl") {
        // No event tells of another process's children: look until there are some.
        std::vector<int> killed;
        while (killed.empty() && post.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
            for (const auto &task : std::filesystem::directory_iterator("/proc/" + std::to_string(daemon.pid()) + "/task")) {
                std::ifstream children(task.path() / "children");
                for (int child = 0; children >> child;)
                    if (kill(child, SIGKILL) == 0) killed.push_back(child);
            }
            std::this_thread::yield();
        }
        CHECK(!killed.empty());
    }
    const HttpAnswer answer = post.get();
    plane().signal_api_server(SIGCONT);
    INFO(answer.body);
    CHECK(answer.status == 207);
    const json::array states = states_of(answer);
    CHECK(states.at(0).at("status") == "Failed");
    CHECK(states.at(1).at("status") == "Aborted");
    CHECK(states.at(2).at("status") == "Failed");

    CHECK(client.send("GET", "/configurations/ns/default").status == 200);
    plane().run_kubectl({"delete", "cm", "a", "b", "c", "--ignore-not-found"});
}

TEST_CASE("an API server that is gone makes calls fail as unavailable, and work again once it is back") {
    const DaemonProcess daemon(prod({}, "    timeout: 20s\n"));
    HttpClient client = daemon.connect();
    plane().signal_api_server(SIGKILL);
    const HttpAnswer gone = client.send("GET", "/configurations/ns/default");
    INFO(gone.body);
    CHECK(gone.status == 503);
    CHECK(gone.headers.contains("retry-after"));
    const HttpAnswer post = client.send("POST", "/configurations", "resources:\n" + config_map("a"), wants_json);
    CHECK(post.status == 207);
    plane().up();
    CHECK(client.send("GET", "/configurations/ns/default").status == 200);
}
