// SPDX-License-Identifier: Apache-2.0
//
// Who asks, and what is kept out of errors, against a real control plane; and one that is not reached.
#include "support/catch.hpp"

#include "kubectl/kubectl_driver.hpp"
#include "kubectl/process/child_process.hpp"

#include "kubectl/fakes/fake_kubectl.hpp"
#include "kubectl/live/live_cluster.hpp"

#include <resourcifier/fake_host.hpp>

namespace {

using namespace rsf;
using namespace rsf::live;

} // namespace

TEST_CASE("what was in a refused Secret is not in the error") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way);
        const FakeAnswer answer = cluster.host.create(
            "secret", "x",
            object(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {"p": "hunter2!!"}})"));
        CHECK(answer.code == Code::invalid);
        CHECK_THAT(answer.message, ContainsSubstring("illegal base64 data"));
        CHECK_THAT(answer.message, !ContainsSubstring("hunter2"));
    }
}

TEST_CASE("the settings' user stands in for the kubeconfig's, whatever else the kubeconfig says") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        Cluster cluster(way, {{"token", "not-a-token-of-this-cluster"}});
        FakeAnswer answer = cluster.host.get("cm", "rsf-one");
        INFO(answer.message);
        CHECK(answer.code == Code::unauthorized);
        CHECK_THAT(answer.message, !ContainsSubstring("not-a-token"));
        answer = cluster.host.create("cm", "x", config_map("rsf-one", ""));
        INFO(answer.message);
        CHECK(answer.code == Code::unauthorized);
        answer = cluster.host.remove("cm", "x", config_map("rsf-one", ""));
        INFO(answer.message);
        CHECK(answer.code == Code::unauthorized);
    }
}

TEST_CASE("a kubeconfig's credential program, paths and namespace hold, and the settings' user spares the program") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        const kubectl::process::Ending view =
            kubectl::process::run({way.kubectl,
                                   {"kubectl", "config", "view", "--raw", "--minify", "--output=json"},
                                   {"KUBECONFIG=" + env("KUBECONFIG")}},
                                  {std::chrono::steady_clock::now() + std::chrono::minutes(1), {}});
        INFO(view.errors);
        json::object config = object(view.output);
        json::object &user = config["users"].as_array().at(0).as_object()["user"].as_object();
        if (!user.contains("token")) {
            std::cout << "skipped: the test cluster's kubeconfig has no token that a credential program could give\n";
            return;
        }
        const kubectl::Folder folder;
        folder.script("touch \"$HERE/ran\"\necho '" +
                          json::serialize(json::object{{"apiVersion", "client.authentication.k8s.io/v1beta1"},
                                                       {"kind", "ExecCredential"},
                                                       {"status", json::object{{"token", user.at("token")}}}}) +
                          "'",
                      "login");
        user.clear();
        user["exec"] =
            object(R"({"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "./login", "interactiveMode": "Never"})");
        config["contexts"].as_array().at(0).as_object()["context"].as_object()["namespace"] = "kube-public";
        const std::string file = folder.write("config", json::serialize(config));

        FakeHost host(driver_entry<kubectl::KubectlDriver>,
                      {{"kubectl", way.kubectl}, {"transport", way.transport}, {"config", file}});
        FakeAnswer answer = host.create("cm", "one", config_map("rsf-one", ""));
        INFO(answer.message);
        REQUIRE(answer.succeeded);
        CHECK(answer.object.at("metadata").at("namespace") == "kube-public");
        CHECK(host.remove("cm", "one", config_map("rsf-one", "")).outcome == Outcome::done);
        CHECK(std::filesystem::remove(folder.path() + "/ran"));

        FakeHost other(driver_entry<kubectl::KubectlDriver>,
                       {{"kubectl", way.kubectl}, {"transport", way.transport}, {"config", file}, {"token", "of-nobody"}});
        CHECK(other.get("cm", "rsf-one").code == Code::unauthorized);
        CHECK_FALSE(std::filesystem::exists(folder.path() + "/ran"));
    }
}

TEST_CASE("health alone tells a good cluster from a token that it does not know and a port where nothing listens") {
    if (!has_cluster()) return;
    struct Row {
        json::object more;
        const char *reason; // null: it is ready
    };
    const Row rows[] = {{{}, nullptr},
                        {{{"token", "not-a-token-of-this-cluster"}}, "does not know who is asking"},
                        {{{"server", "127.0.0.1:1"}}, "can't be reached"}};
    for (const Way &way : ways())
        for (const Row &row : rows) {
            INFO(way.kubectl << " " << way.transport << " " << json::serialize(row.more));
            FakeHost host(driver_entry<kubectl::KubectlDriver>, Cluster::settings(way, row.more));
            json::value health = host.health().object;
            CHECK(health.at("ok") == false);
            while (health.at("ok") == false && health.at("reason").as_string().find("not known yet") != json::string::npos)
                health = host.health().object;
            CHECK(health.at("ok").as_bool() == (row.reason == nullptr));
            if (row.reason) CHECK_THAT(std::string(health.at("reason").as_string()), ContainsSubstring(row.reason));
        }
}

TEST_CASE("a cluster that can't be reached is unavailable, for each verb") {
    if (!has_cluster()) return;
    for (const Way &way : ways()) {
        INFO(way.kubectl << " " << way.transport);
        FakeHost host(driver_entry<kubectl::KubectlDriver>,
                      {{"kubectl", way.kubectl}, {"transport", way.transport}, {"server", "127.0.0.1:1"}, {"token", "abc"}});
        for (const FakeAnswer &answer :
             {host.get("cm", "x"), host.list("cm"), host.create("cm", "x", config_map("x", "")),
              host.replace("cm", "x", config_map("x", "")), host.remove("cm", "x", config_map("x", ""))}) {
            INFO(answer.message);
            CHECK(answer.code == Code::unavailable);
            CHECK(answer.retry == Retry::later);
        }
        FakeHost nowhere(
            driver_entry<kubectl::KubectlDriver>,
            {{"kubectl", way.kubectl}, {"transport", way.transport}, {"service", "no.such.host.invalid"}, {"token", "abc"}});
        CHECK(nowhere.get("cm", "x").code == Code::unavailable);
    }
}
