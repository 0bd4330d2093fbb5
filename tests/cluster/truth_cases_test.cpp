// SPDX-License-Identifier: Apache-2.0
//
// Whether plans say what then happens, in cases from public reports, over a real API server by both transports.
#include "cluster/audited_plane.hpp"
#include "support/cases.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace rsf::test;
namespace json = boost::json;

namespace {

const std::vector<std::string> transports{"proxy", "exec"};

// A target for each transport.
std::string targets() {
    std::string text;
    for (const std::string &transport : transports)
        text += "  " + transport + ":\n    driver: kubectl\n    settings: {kubectl: " + audited_plane().kubectl() +
                ", config: " + audited_plane().kubeconfig() + ", transport: " + transport + ", namespace: default}\n";
    return text;
}

void kubectl(std::vector<std::string> arguments) {
    const Ended ended = audited_plane().run_kubectl(std::move(arguments));
    INFO(ended.err);
    REQUIRE(ended.exit_code == 0);
}

std::string url(const std::string &transport, const std::string &query = {}) {
    return "/targets/" + transport + "/configurations" + query;
}

json::value planned(HttpClient &client, const std::string &transport, const std::string &method, const std::string &text) {
    const HttpAnswer answer = client.send(method, url(transport, "?dryRun=All"), text, wants_json);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body).at("resources");
}

// "action/basis" of the resource at index.
std::string said(const json::value &resources, std::size_t index = 0) {
    const json::value &resource = resources.at(index);
    INFO(json::serialize(resource));
    return std::string(resource.at("action").as_string()) + "/" + std::string(resource.at("basis").as_string());
}

std::string config_map(const std::string &ns, const std::string &name, const std::string &value) {
    return "resources:\n- {name: map, type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
           ", namespace: " + ns + "}, data: {a: \"" + value + "\"}}}\n";
}

} // namespace

TEST_CASE("a webhook without a dry run makes a plan of what then happens, made without asking") {
    kubectl({"create", "namespace", "hooked"});
    kubectl({"label", "namespace", "hooked", "hooked=yes"});
    kubectl({"apply", "-f", case_file("plan_webhook_without_dry_run.yaml").string()});
    const DaemonProcess daemon(targets(), "default_target: proxy\n");
    HttpClient client = daemon.connect();
    for (const std::string &transport : transports) {
        INFO(transport);
        // The API server takes a moment until it asks a new webhook.
        while (said(planned(client, transport, "POST", config_map("hooked", transport, "1"))) != "create/client")
            std::this_thread::yield();
        const json::value creating = planned(client, transport, "POST", config_map("hooked", transport, "1"));
        CHECK_THAT(std::string(creating.at(0).at("reason").as_string()), ContainsSubstring("does not support dry run"));
        CHECK(client.send("POST", url(transport), config_map("hooked", transport, "1"), wants_json).status == 201);
        CHECK(said(planned(client, transport, "POST", config_map("hooked", transport, "1"))) == "failed/server");
        CHECK(said(planned(client, transport, "PUT", config_map("hooked", transport, "1"))) == "unchanged/client");
        CHECK(said(planned(client, transport, "PUT", config_map("hooked", transport, "2"))) == "update/client");
        CHECK(client.send("PUT", url(transport), config_map("hooked", transport, "2"), wants_json).status == 200);
        CHECK(said(planned(client, transport, "DELETE", config_map("hooked", transport, "2"))) == "delete/client");
        CHECK(client.send("DELETE", url(transport), config_map("hooked", transport, "2"), wants_json).status == 204);
    }
    kubectl({"delete", "-f", case_file("plan_webhook_without_dry_run.yaml").string()});
}

TEST_CASE("objects of a kind that gains a field in the same configuration are deferred") {
    const DaemonProcess daemon(targets(), "default_target: proxy\n");
    HttpClient client = daemon.connect();
    const std::string first = case_step("crd_gains_field.json", "first_post"),
                      then = case_step("crd_gains_field.json", "then_put");
    for (const std::string &transport : transports) {
        INFO(transport);
        REQUIRE(client.send("POST", url(transport), first, wants_json).status == 201);
        const json::value resources = planned(client, transport, "PUT", then);
        CHECK(said(resources, 0) == "update/server");
        CHECK(said(resources, 1) == "update/deferred");
        CHECK_THAT(json::serialize(resources.at(1).at("changes")), ContainsSubstring("spec.colour"));
        CHECK(client.send("DELETE", url(transport), first, wants_json).status == 204);
    }
}

TEST_CASE("one object twice is refused with both names by a real target, and nothing is touched") {
    const DaemonProcess daemon(targets(), "default_target: proxy\n");
    HttpClient client = daemon.connect();
    const std::string twice = read_case("same_object_twice.yaml");
    for (const std::string &transport : transports)
        for (const std::string method : {"POST", "PUT"})
            for (const std::string query : {"", "?dryRun=All", "?strategy=apply", "?strategy=apply&dryRun=All"}) {
                INFO(transport << " " << method << query);
                const HttpAnswer answer = client.send(method, url(transport, query), twice, wants_json);
                CHECK(answer.status == 400);
                CHECK_THAT(answer.body, ContainsSubstring("'one' and 'two' are the same object"));
            }
    for (const std::string &transport : transports) CHECK(client.send("DELETE", url(transport), twice, wants_json).status == 204);
}

TEST_CASE("a quantity that is written otherwise starts a rollout of a DaemonSet, and the plan says so") {
    const DaemonProcess daemon(targets(), "default_target: proxy\n");
    HttpClient client = daemon.connect();
    const auto agent = [](const std::string &name, const std::string &memory) {
        return "resources:\n- {name: agent, type: DaemonSet, properties: {apiVersion: apps/v1, kind: DaemonSet, metadata: "
               "{name: " +
               name + ", namespace: default}, spec: {selector: {matchLabels: {a: " + name +
               "}}, template: {metadata: {labels: {a: " + name +
               "}}, spec: {containers: [{name: c, image: \"i:1\", resources: {limits: {memory: \"" + memory + "\"}}}]}}}}}\n";
    };
    const auto generation = [](const std::string &name) {
        return audited_plane().get({"daemonset", name}).at("metadata").at("generation").as_int64();
    };
    for (const std::string &transport : transports) {
        INFO(transport);
        REQUIRE(client.send("POST", url(transport), agent(transport, "200Mi"), wants_json).status == 201);
        CHECK(said(planned(client, transport, "PUT", agent(transport, "200Mi"))) == "unchanged/server");
        CHECK(said(planned(client, transport, "PUT", agent(transport, "204800Ki"))) ==
              "unchanged/server"); // 200Mi in the cluster
        const json::value resources = planned(client, transport, "PUT", agent(transport, "209715200"));
        CHECK(said(resources) == "update/server");
        CHECK_THAT(json::serialize(resources.at(0).at("changes")), ContainsSubstring("the same quantity, written otherwise"));
        CHECK_THAT(json::serialize(resources.at(0).at("risks")), ContainsSubstring("Its pods are replaced for this"));
        const json::value stored_before = audited_plane().get({"daemonset", transport}).at("spec").at("template");
        CHECK(client.send("PUT", url(transport), agent(transport, "209715200"), wants_json).status == 200);
        CHECK(audited_plane().get({"daemonset", transport}).at("spec").at("template") != stored_before);
        CHECK(generation(transport) >= 1);
        CHECK(client.send("DELETE", url(transport), agent(transport, "200Mi"), wants_json).status == 204);
    }
}

TEST_CASE("a Job that is put again is unchanged, planned and done") {
    const DaemonProcess daemon(targets(), "default_target: proxy\n");
    HttpClient client = daemon.connect();
    const std::vector<std::string> jobs = case_objects("job_put_again.yaml", "Job");
    for (const std::string &transport : transports) {
        INFO(transport);
        REQUIRE(client.send("POST", url(transport), jobs.at(0), wants_json).status == 201);
        for (int turn = 0; turn < 2; ++turn) {
            CHECK(said(planned(client, transport, "PUT", jobs.at(0))) == "unchanged/server");
            CHECK(client.send("PUT", url(transport), jobs.at(0), wants_json).status == 200);
        }
        const json::value other = planned(client, transport, "PUT", jobs.at(1));
        CHECK(said(other) == "failed/server");
        const HttpAnswer done = client.send("PUT", url(transport), jobs.at(1), wants_json);
        CHECK(done.status == 207);
        for (const std::string &text : {json::serialize(other), done.body})
            CHECK_THAT(text, ContainsSubstring("spec.template") && ContainsSubstring("delete the object and create it anew"));
        CHECK(client.send("DELETE", url(transport), jobs.at(0), wants_json).status == 204);
    }
}
