// SPDX-License-Identifier: Apache-2.0
//
// What the simulated cluster makes of an apply.
#include "support/catch.hpp"
#include "test_cluster.hpp"

#include <dryrun/apply.hpp>

using namespace rsf;
using namespace rsf::dryrun;

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

TEST_CASE("apply makes what is absent, changes what is otherwise, and leaves alone what is as wanted") {
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

TEST_CASE("what an apply does not mention stays, what it no longer mentions goes") {
    TestCluster cluster;
    REQUIRE(cluster.create(with_data({{"theirs", "1"}})).succeeded);
    REQUIRE(cluster.apply(with_data({{"kept", "1"}, {"gone", "1"}})).succeeded);
    const FakeAnswer answer = cluster.apply(with_data({{"kept", "2"}}));
    REQUIRE(answer.succeeded);
    CHECK(at(answer.object, "data") == R"({"theirs":"1","kept":"2"})");
    CHECK(at(cluster.apply(config_map("site")).object, "data") == R"({"theirs":"1"})");
}

TEST_CASE("a mapping that an apply brought goes with the last of what it held") {
    TestCluster cluster;
    REQUIRE(cluster.apply(with_data({{"a", "1"}})).succeeded);
    CHECK_FALSE(cluster.apply(config_map("site")).object.as_object().contains("data"));
}

TEST_CASE("what was applied is remembered through a restart, and forgotten by a replace that changes something") {
    const TemporaryFolder folder;
    const json::object settings{{"state", folder.path() + "/state"}};
    REQUIRE(TestCluster(settings).apply(with_data({{"a", "1"}, {"b", "1"}})).succeeded);
    TestCluster cluster(settings);
    CHECK(at(cluster.apply(with_data({{"a", "1"}})).object, "data") == R"({"a":"1"})");

    const FakeAnswer same = cluster.replace(with_data({{"a", "1"}}));
    CHECK(same.outcome == Outcome::unchanged);
    CHECK(same.object.at("metadata").as_object().contains("managedFields"));
    const FakeAnswer replaced = cluster.replace(with_data({{"a", "1"}, {"c", "1"}}));
    CHECK_FALSE(replaced.object.at("metadata").as_object().contains("managedFields"));
    CHECK(at(cluster.apply(with_data({{"d", "1"}})).object, "data") == R"({"a":"1","c":"1","d":"1"})");
}

TEST_CASE("the fields that are owned are written as a cluster writes them") {
    TestCluster cluster;
    json::object object = with_containers(R"([{"name": "main", "image": "nginx", "args": ["a", "b"],
                                               "ports": [{"containerPort": 80, "name": "http"}]}])");
    object["metadata"].as_object()["labels"] = json::object{{"tier", "front"}};
    object["metadata"].as_object()["managedFields"] = json::array{"what a client sends counts for nothing"};
    object["status"] = json::object{{"replicas", 7}}; // nor this, which the cluster writes itself
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
        {"what is not mentioned of an entry stays", R"([{"name": "a", "image": "1"}])",
         R"([{"name": "a", "image": "1", "tty": true}, {"name": "side", "image": "1"}])", R"([{"name": "a", "image": "2"}])",
         R"([{"name":"a","image":"2","tty":true},{"name":"side","image":"1"}])"},
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

TEST_CASE("part of an object can be applied once it is there") {
    TestCluster cluster;
    REQUIRE(cluster.create(service("web")).succeeded);
    const std::string address = at(cluster.get("svc", "web").object, "spec.clusterIP");
    json::object part = parsed(R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "labels": {"a": "b"}}})");
    const FakeAnswer answer = cluster.apply(part);
    REQUIRE(answer.succeeded);
    CHECK(at(answer.object, "metadata.labels.a") == "b");
    CHECK(at(answer.object, "spec.clusterIP") == address);
    part["metadata"].as_object()["name"] = "other";
    CHECK(cluster.apply(part).code == Code::invalid); // a Service without ports
    CHECK(cluster.names("svc") == "web");
}

TEST_CASE("a Secret's stringData is applied as data, and goes again") {
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
    secret.erase("type");
    secret["stringData"] = json::object{{"a", "x"}};
    CHECK(at(cluster.apply(secret).object, "type") == "example.com/x");
}

TEST_CASE("an apply with an old resourceVersion or a foreign uid is a conflict, and without its namespace nothing") {
    TestCluster cluster;
    const FakeAnswer made = cluster.apply(with_data({{"a", "1"}}));
    REQUIRE(cluster.apply(with_data({{"a", "2"}})).succeeded);
    for (const char *key : {"resourceVersion", "uid"}) {
        json::object object = with_data({{"a", "3"}});
        object["metadata"].as_object()[key] = made.object.at("metadata").at("resourceVersion");
        CHECK(cluster.apply(object).code == Code::conflict);
    }
    CHECK(at(cluster.get("cm", "site").object, "data.a") == "2");
    CHECK(cluster.apply(config_map("site", "nowhere")).code == Code::not_found);
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

TEST_CASE("fields that somebody has edited by hand do no harm") {
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
