// SPDX-License-Identifier: Apache-2.0
//
// Whether asking changes nothing: what the API server itself noted while 200 plans were made.
#include "cluster/audit.hpp"
#include "cluster/audited_plane.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <map>
#include <set>
#include <thread>

using namespace rsf::test;
namespace json = boost::json;

namespace {

constexpr std::string_view setup = R"(
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: purity}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: kept, namespace: purity}, data: {a: b}}
- {apiVersion: v1, kind: Secret, metadata: {name: key, namespace: purity}, data: {password: aHVudGVyMg==}}
- {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: look, namespace: purity}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: purity}
  spec:
    replicas: 0
    selector: {matchLabels: {app: web}}
    template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
- apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata: {name: gears.purity.example.com}
  spec:
    group: purity.example.com
    scope: Cluster
    names: {kind: Gear, plural: gears}
    versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
)";

std::string config_map(const std::string &name, const std::string &data, const std::string &ns = "purity") {
    return "- {name: " + name + ", type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
           ", namespace: " + ns + "}, data: {" + data + "}}}\n";
}

std::string deployment(const std::string &app) {
    return "- {name: web, type: Deployment, properties: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: "
           "purity}, spec: {replicas: 0, selector: {matchLabels: {app: " +
           app + "}}, template: {metadata: {labels: {app: " + app + "}}, spec: {containers: [{name: web, image: web}]}}}}}\n";
}

struct Asked {
    const char *title;
    std::string method, resources;
    int changes, failures; // that the plan counts
};

std::vector<Asked> asked() {
    const std::string ns = "- {name: ns, type: Namespace, properties: {apiVersion: v1, kind: Namespace, metadata: {name: ";
    const std::string secret = "- {name: key, type: Secret, properties: {apiVersion: v1, kind: Secret, metadata: {name: key, "
                               "namespace: purity}, stringData: {password: hunter3}}}\n";
    const std::string gear = "- {name: gear, type: Gear, properties: {apiVersion: purity.example.com/v1, kind: Gear, metadata: "
                             "{name: gear}, teeth: 12}}\n";
    return {
        {"create", "POST", config_map("new", "a: b"), 1, 0},
        {"create what exists", "POST", config_map("kept", "a: b"), 0, 1},
        {"create what is refused", "POST", config_map("BAD", "a: b"), 0, 1},
        {"create in no namespace", "POST", config_map("lost", "a: b", "nowhere"), 0, 1},
        {"create with its namespace", "POST", ns + "soon}}}\n" + config_map("inside", "a: b", "soon"), 2, 0},
        {"create an object of a kind", "POST", gear, 1, 0},
        {"create a chain with a failure", "POST",
         config_map("BAD", "a: b") + config_map("after", "a: $(ref.BAD.metadata.uid)") + config_map("new", "a: b"), 1, 2},
        {"replace", "PUT", config_map("kept", "a: c"), 1, 0},
        {"replace by the same", "PUT", config_map("kept", "a: b"), 0, 0},
        {"replace what is not there", "PUT", config_map("new", "a: b"), 0, 1},
        {"replace what may not change", "PUT", deployment("other"), 0, 1},
        {"replace a secret", "PUT", secret, 1, 0},
        {"replace two, one refused", "PUT", config_map("kept", "a: c") + deployment("other"), 1, 1},
        {"delete", "DELETE", config_map("kept", ""), 1, 0},
        {"delete what is not there", "DELETE", config_map("new", ""), 0, 0},
        {"delete two", "DELETE", secret + deployment("web"), 2, 0},
        {"delete what is protected", "DELETE", ns + "default}}}\n", 0, 1},
    };
}

// Every object there is, with its version.
std::string everything() {
    static const std::string types = [] {
        const Ended listed = audited_plane().run_kubectl({"api-resources", "--verbs=list", "--output=name"});
        REQUIRE(listed.exit_code == 0);
        std::string joined, line;
        for (std::istringstream lines(listed.out); std::getline(lines, line);)
            // An autoscaler's controller notes every 15 s that it looked.
            if (!line.starts_with("events") && !line.starts_with("componentstatuses") &&
                !line.starts_with("horizontalpodautoscalers"))
                joined += (joined.empty() ? "" : ",") + line;
        return joined;
    }();
    const Ended got = audited_plane().run_kubectl(
        {"get", types, "--all-namespaces",
         "--output=custom-columns=:kind,:metadata.namespace,:metadata.name,:metadata.resourceVersion"});
    INFO(got.err);
    REQUIRE(got.exit_code == 0);
    return got.out;
}

// Once the cluster's own controllers have done their work.
std::string settled() {
    for (std::string last = everything();;) {
        std::string now = everything();
        if (now == last) return now;
        last = std::move(now);
    }
}

} // namespace

TEST_CASE("200 plans of every verb, with failures among them, write nothing to the cluster") {
    const TempFolder folder;
    write_file(folder.path() / "setup.yaml", setup);
    const std::string file = (folder.path() / "setup.yaml").string();
    const std::size_t start = audit_size();
    REQUIRE(audited_plane().run_kubectl({"create", "-f", file}).exit_code == 0);
    CHECK(writes_in(audited(start)).size() == 6); // or else this test would see nothing
    REQUIRE(audited_plane().run_kubectl({"wait", "--for=condition=Established", "crd/gears.purity.example.com"}).exit_code == 0);

    const DaemonProcess daemon(target_prod("  review: {driver: dryrun, settings: {over: prod}, concurrency: 8}\n"
                                           "  sneak: {driver: " TEST_BINARY_DIR
                                           "/tests/drivers/sneak.so, settings: {over: prod}}\n"
                                           "  bystander: {driver: dryrun}\n"),
                               "default_target: prod\n");
    const std::vector<Asked> table = asked();
    const std::string before = settled();
    const std::size_t from = audit_size();

    constexpr std::size_t plans = 200, clients = 4;
    std::atomic<std::size_t> next{0};
    const auto ask = [&]() -> std::vector<std::string> {
        std::vector<std::string> odd;
        HttpClient client = daemon.connect();
        for (std::size_t i = next++; i < plans; i = next++) {
            const Asked &each = table[i % table.size()];
            const bool over = i / table.size() % 2 == 1;
            const HttpAnswer answer =
                client.send(each.method, over ? "/targets/review/configurations" : "/configurations?dryRun=All",
                            "resources:\n" + each.resources, wants_json);
            const auto header = [&](const char *name) {
                const auto found = answer.headers.find(name);
                return found == answer.headers.end() ? std::string("none") : found->second;
            };
            if (answer.status != 200 || header("resourcifier-changes") != std::to_string(each.changes) ||
                header("resourcifier-failed") != std::to_string(each.failures))
                odd.push_back(std::string(each.title) + ": " + answer.body);
        }
        return odd;
    };
    std::vector<std::future<std::vector<std::string>>> asking;
    for (std::size_t i = 0; i < clients; ++i) asking.push_back(std::async(std::launch::async, ask));
    for (auto &each : asking) CHECK(each.get() == std::vector<std::string>());
    daemon.connect().send_and_hang_up("PUT", "/configurations?dryRun=All", "resources:\n" + config_map("kept", "a: c"));
    const HttpAnswer refused = daemon.connect().send("GET", "/targets/sneak/configurations/x/plainly", {}, wants_json);
    CHECK_THAT(refused.body, ContainsSubstring("may change nothing"));

    const std::vector<json::object> events = audited(from);
    CHECK(writes_in(events) == std::vector<std::string>());
    std::map<std::string, int> dry_runs;
    for (const json::object &event : events)
        if (is_write(event)) ++dry_runs[std::string(event.at("verb").as_string())];
    for (const char *verb : {"create", "update", "delete"}) CHECK(dry_runs[verb] >= 20);
    CHECK(everything() == before);
}
