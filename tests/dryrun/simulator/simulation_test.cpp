// SPDX-License-Identifier: Apache-2.0
#include "dryrun/test_cluster.hpp"
#include "support/catch.hpp"

#include <dryrun/objects/values.hpp>

#include <regex>
#include <set>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::objects;

TEST_CASE("every object gets the metadata that a cluster sets") {
    TestCluster cluster;
    json::object posted = deployment("web");
    for (const char *key : {"uid", "selfLink", "creationTimestamp"}) posted["metadata"].as_object()[key] = "mine";
    posted["metadata"].as_object()["generation"] = 77;
    posted["metadata"].as_object()["managedFields"] = json::array{1};
    posted["status"] = json::object{{"replicas", 99}};
    const json::value made = cluster.create(posted).object;
    CHECK(std::regex_match(at(made, "metadata.uid"),
                           std::regex("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")));
    CHECK(std::regex_match(at(made, "metadata.creationTimestamp"), std::regex(R"(2020-01-01T00:00:\d\dZ)")));
    CHECK(std::regex_match(at(made, "metadata.resourceVersion"), std::regex("[1-9][0-9]*")));
    CHECK(at(made, "metadata.generation") == "1");
    CHECK(at(made, "metadata.namespace") == "default");
    CHECK(at(made, "metadata.managedFields").empty());
    CHECK(at(made, "metadata.selfLink").empty());
    CHECK(at(made, "status.replicas") == "1");
    CHECK(at(cluster.create(config_map("site")).object, "metadata.generation").empty());
}

TEST_CASE("the fields that references usually read are filled in") {
    struct Row {
        const char *name;
        const char *object;
        const char *path;
        const char *value; // a regular expression
    };
    const char *const template_text =
        R"("selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "m", "image": "i"}]}})";
    const std::string workload = std::string(R"("metadata": {"name": "x"}, "spec": {"replicas": 3, )") + template_text + "}}";
    const std::string deployment_text = R"({"apiVersion": "apps/v1", "kind": "Deployment", )" + workload;
    const std::string set_text = R"({"apiVersion": "apps/v1", "kind": "StatefulSet", )" + workload;
    const std::string replica_text = R"({"apiVersion": "apps/v1", "kind": "ReplicaSet", )" + workload;
    const std::string daemon_text =
        std::string(R"({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "x"}, "spec": {)") + template_text +
        "}}";
    const char *const balancer =
        R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}})";
    const char *const pod =
        R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "m", "image": "i"}]}})";
    const char *const claim = R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "x"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}})";
    const char *const secret =
        R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {"a": "eA=="}, "stringData": {"b": "hello", "c": "ab", "d": ""}})";
    const char *const job = R"({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"},
        "spec": {"completions": 4, "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "i"}]}}}})";
    const Row rows[] = {
        {"a Service's address", balancer, "spec.clusterIP", R"(10\.(9[6-9]|10\d|11[01])\.\d+\.\d+)"},
        {"and again", balancer, "spec.clusterIPs.0", R"(10\.\d+\.\d+\.\d+)"},
        {"a Service's protocol", balancer, "spec.ports.0.protocol", "TCP"},
        {"a Service's inner port", balancer, "spec.ports.0.targetPort", "80"},
        {"a Service's node port", balancer, "spec.ports.0.nodePort", R"(3[0-2]\d\d\d)"},
        {"a Service's outer address", balancer, "status.loadBalancer.ingress.0.ip", R"(198\.1[89]\.\d+\.\d+)"},
        {"a Deployment's replicas", deployment_text.c_str(), "status.availableReplicas", "3"},
        {"a Deployment's state", deployment_text.c_str(), "status.conditions.0.type", "Available"},
        {"a StatefulSet's replicas", set_text.c_str(), "status.readyReplicas", "3"},
        {"a ReplicaSet's replicas", replica_text.c_str(), "status.availableReplicas", "3"},
        {"a DaemonSet's nodes", daemon_text.c_str(), "status.numberReady", "1"},
        {"a Pod's state", pod, "status.phase", "Running"},
        {"a Pod's address", pod, "status.podIP", R"(10\.1(2[89]|3[01])\.\d+\.\d+)"},
        {"a Pod's host", pod, "status.hostIP", R"(192\.0\.2\.1)"},
        {"a Pod's container", pod, "status.containerStatuses.0.ready", "true"},
        {"a claim's state", claim, "status.phase", "Bound"},
        {"a claim's volume", claim, "spec.volumeName", "pvc-[0-9a-f-]{36}"},
        {"a claim's size", claim, "status.capacity.storage", "1Gi"},
        {"a Secret's type", secret, "type", "Opaque"},
        {"a Secret's text", secret, "data", R"re(\{"a":"eA==","b":"aGVsbG8=","c":"YWI=","d":""\})re"},
        {"a Job's end", job, "status.succeeded", "4"},
        {"a Job's state", job, "status.conditions.0.type", "Complete"},
        {"an Ingress's address",
         R"({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "x"}, "spec": {}})",
         "status.loadBalancer.ingress.0.ip", R"(198\.1[89]\.\d+\.\d+)"},
        {"a Namespace's state", R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})", "status.phase",
         "Active"},
        {"a volume's state", R"({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "x"},
            "spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}})",
         "status.phase", "Available"},
        {"a binding's group", R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "x"},
            "roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "User", "name": "u"}]})",
         "roleRef.apiGroup", "rbac.authorization.k8s.io"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        TestCluster cluster;
        const FakeAnswer answer = cluster.create(parsed(row.object));
        REQUIRE(answer.message == "");
        INFO(json::serialize(answer.object));
        CHECK(std::regex_match(at(answer.object, row.path), std::regex(row.value)));
        CHECK(cluster.replace(answer.object.as_object()).outcome == Outcome::unchanged);
        CHECK(cluster.replace(parsed(row.object)).outcome == Outcome::unchanged);
    }
}

TEST_CASE("posted fields keep their values and their order") {
    TestCluster cluster;
    const json::object posted = parsed(
        R"({"kind": "ConfigMap", "metadata": {"annotations": {"z": "1", "a": "2"}, "name": "x"}, "data": {"z": "1", "a": "2"}, "apiVersion": "v1"})");
    const std::string text = json::serialize(cluster.create(posted).object);
    CHECK_THAT(text, Catch::Matchers::StartsWith(
                         R"({"kind":"ConfigMap","metadata":{"annotations":{"z":"1","a":"2"},"name":"x","namespace":"default")"));
    CHECK_THAT(text, Catch::Matchers::EndsWith(R"("data":{"z":"1","a":"2"},"apiVersion":"v1"})"));
}

TEST_CASE("the same inputs in the same order give the same cluster") {
    const auto run = [] {
        TestCluster cluster;
        cluster.create(name_space("shop"));
        cluster.create(service("web", {{"type", "LoadBalancer"}}));
        cluster.create(deployment("web"));
        cluster.remove(service("web"));
        cluster.create(service("web"));
        std::string all;
        for (const char *type : {"ns", "svc", "deploy"}) all += json::serialize(cluster.list(type).object) + "\n";
        return all;
    };
    CHECK(run() == run());
}

TEST_CASE("uids and addresses do not depend on the order in which objects are made") {
    const auto run = [](bool backwards) {
        TestCluster cluster;
        std::vector<std::string> names = {"a", "b", "c", "d"};
        if (backwards) std::reverse(names.begin(), names.end());
        for (const std::string &name : names) cluster.create(service(name));
        std::string all;
        for (const char *name : {"a", "b", "c", "d"}) {
            const json::value found = cluster.get("svc", name).object;
            all += at(found, "metadata.uid") + " " + at(found, "spec.clusterIP") + "\n";
        }
        return all;
    };
    CHECK(run(false) == run(true));
}

TEST_CASE("an object that is created again under its old name gets another uid") {
    TestCluster cluster;
    std::set<std::string> uids;
    for (int i = 0; i < 3; ++i) {
        for (const json::object &object : {config_map("x"), config_map("y"), service("x"), config_map("x", "kube-system")}) {
            const FakeAnswer made = cluster.create(object);
            REQUIRE(made.succeeded);
            CHECK(uids.insert(at(made.object, "metadata.uid")).second);
        }
        for (const json::object &object : {config_map("x"), config_map("y"), service("x"), config_map("x", "kube-system")})
            REQUIRE(cluster.remove(object).succeeded);
    }
}

TEST_CASE("each Service has an address of its own") {
    TestCluster cluster;
    std::set<std::string> addresses;
    for (int i = 0; i < 3000; ++i) {
        const FakeAnswer made = cluster.create(service("s" + std::to_string(i)));
        REQUIRE(made.message == "");
        REQUIRE(addresses.insert(at(made.object, "spec.clusterIP")).second);
    }
    const std::string taken = *addresses.begin();
    const FakeAnswer second = cluster.create(service("late", {{"clusterIP", taken}}));
    CHECK(second.code == Code::invalid);
    CHECK_THAT(second.message, ContainsSubstring("failed to allocate IP " + taken + ": provided IP is already allocated"));
}

TEST_CASE("an address that is asked for is given, and free again after its Service") {
    TestCluster cluster;
    REQUIRE(at(cluster.create(service("a", {{"clusterIP", "10.96.0.10"}})).object, "spec.clusterIP") == "10.96.0.10");
    REQUIRE(cluster.create(service("b", {{"clusterIP", "10.96.0.10"}})).code == Code::invalid);
    REQUIRE(cluster.remove(service("a")).succeeded);
    CHECK(cluster.create(service("b", {{"clusterIP", "10.96.0.10"}})).succeeded);

    struct Row {
        const char *address, *message;
    };
    const Row rows[] = {
        {"192.168.0.1", "the provided IP (192.168.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12"},
        {"10.112.0.1", "is not in the valid range"},
        {"fd00::1", "must be a valid IPv4 address"},
        {"10.96.0", "must be a valid IPv4 address"},
        {"none", "must be a valid IPv4 address"},
    };
    for (const Row &row : rows) {
        INFO(row.address);
        const FakeAnswer answer = cluster.create(service("c", {{"clusterIP", row.address}}));
        CHECK(answer.code == Code::invalid);
        CHECK_THAT(answer.message, ContainsSubstring(row.message));
    }
    CHECK(at(cluster.create(service("d", {{"clusterIP", "None"}})).object, "spec.clusterIPs") == R"(["None"])");
    CHECK(at(cluster.create(service("e", {{"type", "ExternalName"}, {"externalName", "x.org"}, {"clusterIP", ""}})).object,
             "spec.clusterIP")
              .empty());
    CHECK(at(cluster.create(service("f", {{"clusterIPs", json::array{"10.96.0.11"}}})).object, "spec.clusterIP") == "10.96.0.11");
}

TEST_CASE("addresses are free again after a namespace is deleted or a create is refused") {
    TestCluster cluster;
    REQUIRE(cluster.create(name_space("shop")).succeeded);
    json::object inner = service("a", {{"clusterIP", "10.96.0.10"}});
    inner["metadata"].as_object()["namespace"] = "shop";
    REQUIRE(cluster.create(inner).succeeded);
    REQUIRE(cluster.remove(name_space("shop")).succeeded);
    const auto port = [](int number) { return json::array{json::object{{"port", 80}, {"nodePort", number}}}; };
    CHECK(cluster.create(service("b", {{"type", "NodePort"}, {"clusterIP", "10.96.0.10"}, {"ports", port(99)}})).code ==
          Code::invalid);
    CHECK(cluster.create(service("b", {{"type", "NodePort"}, {"clusterIP", "10.96.0.10"}, {"ports", port(30001)}})).message ==
          "");
    const FakeAnswer taken = cluster.create(service("c", {{"type", "NodePort"}, {"ports", port(30001)}}));
    CHECK_THAT(taken.message,
               ContainsSubstring("spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated"));
}

TEST_CASE("a Service keeps its address and ports through a replace, and gives back those that it no longer has") {
    TestCluster cluster;
    const json::value made = cluster.create(service("a", {{"type", "NodePort"}})).object;
    const json::value changed =
        cluster.replace(service("a", {{"type", "NodePort"}, {"selector", json::object{{"x", "y"}}}})).object;
    CHECK(at(changed, "spec.selector.x") == "y");
    CHECK(at(changed, "spec.clusterIP") == at(made, "spec.clusterIP"));
    CHECK(at(changed, "spec.ports.0.nodePort") == at(made, "spec.ports.0.nodePort"));

    REQUIRE(at(cluster.replace(service("a")).object, "spec.ports.0.nodePort").empty());
    const std::int64_t port = made.at("spec").at("ports").at(0).at("nodePort").as_int64();
    const json::array ports{json::object{{"port", 80}, {"nodePort", port}}};
    CHECK(cluster.create(service("b", {{"type", "NodePort"}, {"ports", ports}})).message == "");
}

TEST_CASE("a status that this cluster does not write stays as posted") {
    TestCluster cluster;
    REQUIRE(cluster.create(widget_definition()).succeeded);
    json::object object = widget("gear");
    object["status"] = json::object{{"url", "http://gear"}};
    CHECK(at(cluster.create(object).object, "status.url") == "http://gear");
    json::object changed = widget("gear");
    changed["spec"] = json::object{{"size", 2}};
    CHECK(at(cluster.replace(changed).object, "status.url") == "http://gear");
}

TEST_CASE("fields that a Service's former type needed are dropped unless the client changed them") {
    TestCluster cluster;
    const json::value made = cluster.create(service("a", {{"type", "NodePort"}})).object;
    const std::int64_t port = made.at("spec").at("ports").at(0).at("nodePort").as_int64();
    const auto ports = [](std::int64_t number) { return json::array{json::object{{"port", 80}, {"nodePort", number}}}; };
    CHECK(cluster.replace(service("a", {{"ports", ports(port == 30001 ? 30002 : 30001)}})).code == Code::invalid);
    const FakeAnswer inner = cluster.replace(service("a", {{"ports", ports(port)}}));
    CHECK(inner.message == "");
    CHECK(at(inner.object, "spec.ports.0.nodePort").empty());
    CHECK(at(inner.object, "spec.clusterIP") == at(made, "spec.clusterIP"));

    REQUIRE(cluster.apply(service("b", {{"type", "NodePort"}})).succeeded);
    const FakeAnswer applied = cluster.apply(service("b"));
    CHECK(applied.message == "");
    CHECK(at(applied.object, "spec.type") == "ClusterIP");
    CHECK(at(applied.object, "spec.ports.0.nodePort").empty());
}

TEST_CASE("null in a mapping of texts is the empty text") {
    TestCluster cluster;
    const FakeAnswer made = cluster.create(parse_object(
        R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {"l": null}, "annotations": {"n": null}}, "data": {"d": null}})"));
    CHECK(made.message == "");
    CHECK(json::serialize(made.object.at("data")) == R"({"d":""})");
    CHECK(json::serialize(made.object.at("metadata").at("labels")) == R"({"l":""})");
    CHECK(json::serialize(made.object.at("metadata").at("annotations")) == R"({"n":""})");
}
