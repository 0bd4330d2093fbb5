// SPDX-License-Identifier: Apache-2.0
//
// apply in the simulated cluster.
#include "dryrun/test_cluster.hpp"
#include "support/catch.hpp"

#include <dryrun/simulator/managed_fields.hpp>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::simulator;

namespace {

json::object with_data(json::object data) {
    json::object object = config_map("site");
    object["data"] = std::move(data);
    return object;
}

json::object with_containers(std::string_view containers) {
    json::object object = deployment("web");
    object["spec"].at("template").at("spec").as_object()["containers"] = json::parse(containers);
    return object;
}

} // namespace

TEST_CASE("apply creates an absent object, changes a different one, and leaves an equal one unchanged") {
    TestCluster cluster;
    const FakeAnswer made = cluster.apply(deployment("web"));
    REQUIRE(made.succeeded);
    CHECK(made.outcome == Outcome::created);
    CHECK(made.selflink == "/apis/apps/v1/namespaces/default/deployments/web");

    const FakeAnswer same = cluster.apply(deployment("web"));
    REQUIRE(same.succeeded);
    CHECK(same.outcome == Outcome::unchanged);
    CHECK(same.object == made.object); // its revision too

    json::object more = deployment("web");
    more["spec"].as_object()["replicas"] = 3;
    const FakeAnswer changed = cluster.apply(more);
    REQUIRE(changed.succeeded);
    CHECK(changed.outcome == Outcome::changed);
    CHECK(at(changed.object, "metadata.uid") == at(made.object, "metadata.uid"));
    CHECK(at(changed.object, "metadata.resourceVersion") != at(made.object, "metadata.resourceVersion"));
    CHECK(at(changed.object, "metadata.generation") == "2");
    CHECK(at(changed.object, "status.readyReplicas") == "3");
    CHECK(cluster.get("deploy", "web").object == changed.object);
}

TEST_CASE("an apply removes client fields that it no longer mentions, and keeps those of the cluster") {
    TestCluster cluster;
    REQUIRE(cluster.create(with_data({{"kept", "1"}, {"created", "1"}})).succeeded);
    CHECK(at(cluster.apply(with_data({{"kept", "1"}, {"applied", "1"}})).object, "data") == R"({"kept":"1","applied":"1"})");
    CHECK(at(cluster.apply(with_data({{"kept", "1"}})).object, "data") == R"({"kept":"1"})");
    REQUIRE(cluster.replace(with_data({{"kept", "1"}, {"replaced", "1"}})).succeeded);
    CHECK(at(cluster.apply(with_data({{"kept", "2"}})).object, "data") == R"({"kept":"2"})");

    REQUIRE(cluster.create(service("web")).succeeded);
    const FakeAnswer made = cluster.get("svc", "web"), applied = cluster.apply(service("web"));
    REQUIRE(applied.succeeded);
    CHECK(applied.outcome == Outcome::unchanged); // but that it has another owner
    for (const char *path : {"spec", "status", "metadata.uid"}) CHECK(at(applied.object, path) == at(made.object, path));
}

TEST_CASE("a mapping that an apply added is removed with its last member") {
    TestCluster cluster;
    REQUIRE(cluster.apply(with_data({{"a", "1"}})).succeeded);
    CHECK_FALSE(cluster.apply(config_map("site")).object.as_object().contains("data"));
}

TEST_CASE("owned fields survive a restart, and a replace that changes the object makes all fields owned") {
    const TempFolder folder;
    const json::object settings{{"state", (folder / "state").string()}};
    REQUIRE(TestCluster(settings).apply(with_data({{"a", "1"}, {"b", "1"}})).succeeded);
    TestCluster cluster(settings);
    CHECK(at(cluster.apply(with_data({{"a", "1"}})).object, "data") == R"({"a":"1"})");

    const FakeAnswer same = cluster.replace(with_data({{"a", "1"}}));
    CHECK(same.outcome == Outcome::unchanged);
    CHECK(same.object.at("metadata").as_object().contains("managedFields"));
    const FakeAnswer replaced = cluster.replace(with_data({{"a", "1"}, {"c", "1"}}));
    CHECK_FALSE(replaced.object.at("metadata").as_object().contains("managedFields"));
    CHECK(at(cluster.apply(with_data({{"d", "1"}})).object, "data") == R"({"d":"1"})");
}

TEST_CASE("owned fields are written in a cluster's form") {
    TestCluster cluster;
    json::object object = with_containers(R"([{"name": "main", "image": "nginx", "args": ["a", "b"],
                                               "ports": [{"containerPort": 80, "name": "http"}]}])");
    object["metadata"].as_object()["labels"] = json::object{{"tier", "front"}};
    object["metadata"].as_object()["managedFields"] = json::array{"what a client sends counts for nothing"};
    object["status"] = json::object{{"replicas", 7}}; // the cluster writes its own status
    const FakeAnswer answer = cluster.apply(object);
    REQUIRE(answer.succeeded);
    CHECK(at(answer.object, "metadata.managedFields") ==
          R"([{"manager":"resourcifierd","operation":"Apply","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":)"
          R"({"f:metadata":{"f:labels":{"f:tier":{}}},"f:spec":{"f:selector":{"f:matchLabels":{"f:app":{}}},)"
          R"("f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":)"
          R"({"f:name":{},"f:image":{},"f:args":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":)"
          R"({"f:containerPort":{},"f:name":{}}}}}}}}}}])");
}

TEST_CASE("lists with keys are applied entry by entry, others as a whole") {
    struct Row {
        const char *name, *first, *between, *then, *result;
    };
    const Row row = GENERATE(values<Row>({
        {"an entry is changed and another comes", R"([{"name": "a", "image": "1"}])", "",
         R"([{"name": "a", "image": "2"}, {"name": "b", "image": "1"}])",
         R"([{"name":"a","image":"2"},{"name":"b","image":"1"}])"},
        {"an entry that is no longer mentioned goes", R"([{"name": "a", "image": "1"}, {"name": "b", "image": "1"}])", "",
         R"([{"name": "b", "image": "1"}])", R"([{"name":"b","image":"1"}])"},
        {"what a replace brought goes too", R"([{"name": "a", "image": "1"}])",
         R"([{"name": "a", "image": "1", "tty": true}, {"name": "side", "image": "1"}])", R"([{"name": "a", "image": "2"}])",
         R"([{"name":"a","image":"2"}])"},
        {"a field of an entry goes", R"([{"name": "a", "image": "1", "tty": true}])", "", R"([{"name": "a", "image": "1"}])",
         R"([{"name":"a","image":"1"}])"},
        {"another order is taken over", R"([{"name": "a", "image": "1"}, {"name": "b", "image": "1"}])", "",
         R"([{"name": "b", "image": "1"}, {"name": "a", "image": "1"}])",
         R"([{"name":"b","image":"1"},{"name":"a","image":"1"}])"},
        {"a list without keys", R"([{"name": "a", "image": "1", "args": ["x", "y"]}])", "",
         R"([{"name": "a", "image": "1", "args": ["y"]}])", R"([{"name":"a","image":"1","args":["y"]}])"},
    }));
    INFO(row.name);
    TestCluster cluster;
    REQUIRE(cluster.apply(with_containers(row.first)).succeeded);
    if (row.between[0] != '\0') REQUIRE(cluster.replace(with_containers(row.between)).succeeded);
    const FakeAnswer answer = cluster.apply(with_containers(row.then));
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(at(answer.object, "spec.template.spec.containers") == row.result);
    CHECK(cluster.apply(with_containers(row.then)).outcome == Outcome::unchanged);
}

TEST_CASE("an apply of a part removes the rest, and is refused where the rest is required") {
    TestCluster cluster;
    REQUIRE(cluster.create(service("web")).succeeded);
    const std::string address = at(cluster.get("svc", "web").object, "spec.clusterIP");
    json::object part = parsed(R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "labels": {"a": "b"}}})");
    CHECK(cluster.apply(part).code == Code::invalid); // a Service without ports
    part["spec"] = json::object{{"ports", json::array{json::object{{"port", 81}}}}};
    const FakeAnswer answer = cluster.apply(part);
    REQUIRE(answer.succeeded);
    CHECK(at(answer.object, "metadata.labels") == R"({"a":"b"})");
    CHECK(at(answer.object, "spec.clusterIP") == address);
    CHECK_FALSE(answer.object.at("spec").as_object().contains("selector"));
}

TEST_CASE("a Secret's stringData is applied as data, and can be removed again") {
    TestCluster cluster;
    json::object secret =
        parsed(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "x", "b": "y"}})");
    REQUIRE(cluster.apply(secret).succeeded);
    CHECK(cluster.apply(secret).outcome == Outcome::unchanged);
    secret["stringData"].as_object().erase("b");
    CHECK(at(cluster.apply(secret).object, "data") == R"({"a":"eA=="})");
    secret["stringData"] = json::object{{"a", 1}};
    CHECK(cluster.apply(secret).code == Code::invalid);

    secret = parsed(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "typed"}, "type": "example.com/x"})");
    REQUIRE(cluster.create(secret).succeeded);
    secret["stringData"] = json::object{{"a", "x"}};
    CHECK(at(cluster.apply(secret).object, "type") == "example.com/x");
}

TEST_CASE("an apply accepts an exported object, and refuses one whose namespace does not exist") {
    TestCluster cluster;
    const FakeAnswer made = cluster.apply(with_data({{"a", "1"}}));
    REQUIRE(cluster.apply(with_data({{"a", "2"}})).succeeded);
    json::object exported = made.object.as_object();
    exported["metadata"].as_object()["uid"] = "of-another-cluster";
    const FakeAnswer again = cluster.apply(exported);
    INFO(again.message);
    REQUIRE(again.succeeded);
    CHECK(at(again.object, "data.a") == "1");
    CHECK(at(again.object, "metadata.uid") == at(made.object, "metadata.uid"));
    exported["metadata"].as_object()["name"] = "copy";
    CHECK(cluster.apply(exported).outcome == Outcome::created);
    CHECK(cluster.apply(config_map("site", "nowhere")).code == Code::not_found);
}

TEST_CASE("for an apply a port with another number is another port, which keeps no old target") {
    TestCluster cluster;
    const auto service = [](std::string_view ports) {
        json::object object = parsed(R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {}})");
        object["spec"].as_object()["ports"] = json::parse(ports);
        return object;
    };
    REQUIRE(cluster.apply(service(R"([{"name": "http", "port": 80}])")).succeeded);
    const FakeAnswer moved = cluster.apply(service(R"([{"name": "http", "port": 8080}])"));
    INFO(moved.message);
    CHECK(at(moved.object, "spec.ports") == R"([{"name":"http","port":8080,"protocol":"TCP","targetPort":8080}])");
    const FakeAnswer renamed = cluster.apply(service(R"([{"name": "web", "port": 8080}])"));
    CHECK(at(renamed.object, "spec.ports") == R"([{"name":"web","port":8080,"protocol":"TCP","targetPort":8080}])");
    const FakeAnswer both =
        cluster.apply(service(R"([{"name": "web", "port": 53}, {"name": "dns", "port": 53, "protocol": "UDP"}])"));
    CHECK(at(both.object, "spec.ports.1.targetPort") == "53");
    CHECK(at(both.object, "spec.ports.0.name") == "web");
}

TEST_CASE("a dry run of an apply answers as the apply would, and changes nothing") {
    TestCluster cluster;
    const auto dry = [&](const json::object &object) {
        FakeCall call;
        call.verb = RSF_APPLY;
        call.flags = RSF_CALL_DRY_RUN;
        call.object = json::serialize(object);
        return cluster.host().perform(call);
    };
    CHECK(dry(with_data({{"a", "1"}})).outcome == Outcome::created);
    CHECK(cluster.names("cm").empty());
    const FakeAnswer made = cluster.apply(with_data({{"a", "1"}}));
    CHECK(dry(with_data({{"a", "1"}})).outcome == Outcome::unchanged);
    const FakeAnswer changed = dry(with_data({{"b", "1"}}));
    CHECK(changed.outcome == Outcome::changed);
    CHECK(at(changed.object, "data") == R"({"b":"1"})");
    CHECK(cluster.get("cm", "site").object == made.object);
}

TEST_CASE("managed fields that were edited by hand do no harm") {
    const json::object live = with_data({{"a", "1"}, {"b", "2"}});
    for (const char *fields : {R"({"f:data": {"k:nonsense": {}, "k:[1]": {}, "f:": {}, "": {}, "f:a": 1}})",
                               R"({"f:kind": {"f:x": {"f:y": {}}}})", R"({"f:metadata": {"k:{}": {}}, "x": {}})"}) {
        INFO(fields);
        CHECK(without_disowned(live, parsed(fields), {}) == live);
    }
    CHECK(managed_fields_of(parsed(R"({"metadata": {"managedFields": [{"fieldsV1": 7}]}})")).empty());
    CHECK(managed_fields_of(parsed(R"({"metadata": {"managedFields": [7]}})")).empty());
    CHECK(managed_fields_of(parsed(R"({"metadata": {"managedFields": {}}})")).empty());
}
