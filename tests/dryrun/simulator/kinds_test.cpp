// SPDX-License-Identifier: Apache-2.0
#include "dryrun/test_cluster.hpp"
#include "support/catch.hpp"

using namespace rsf;
using namespace rsf::dryrun;

TEST_CASE("a type is read as kubectl reads it") {
    TestCluster cluster;
    REQUIRE(cluster.create(deployment("web")).succeeded);
    REQUIRE(cluster.create(widget_definition()).succeeded);
    REQUIRE(cluster.create(widget("gear")).succeeded);
    for (const char *type : {"deploy", "deployment", "deployments", "Deployment", "DEPLOYMENTS", "deployments.apps",
                             "deployments.v1.apps", "Deployment.v1.apps"}) {
        INFO(type);
        CHECK(cluster.get(type, "web").succeeded);
        CHECK(cluster.names(type) == "web");
    }
    for (const char *type :
         {"wd", "widget", "widgets", "Widget", "widgets.example.com", "widgets.v1.example.com", "Widget.v1beta1.example.com"}) {
        INFO(type);
        CHECK(cluster.get(type, "gear").succeeded);
    }
}

TEST_CASE("the error for an unknown type names the nearest one") {
    TestCluster cluster;
    struct Row {
        const char *type, *message;
    };
    const Row rows[] = {
        {"deploymnets", "the server doesn't have a resource type \"deploymnets\"; did you mean \"deployments\"?"},
        {"servics", "the server doesn't have a resource type \"servics\"; did you mean \"services\"?"},
        {"flibbertigibbet", "the server doesn't have a resource type \"flibbertigibbet\""},
        {"", "the server doesn't have a resource type \"\""},
        {"--all", "the server doesn't have a resource type \"--all\""},
        {"pods\n", "the server doesn't have a resource type \"pods\\n\"; did you mean \"pods\"?"},
        {"deployments.example.com", "the server doesn't have a resource type \"deployments.example.com\""},
        {"widgets.v1alpha1.example.com", "the server doesn't have a resource type \"widgets.v1alpha1.example.com\""},
    };
    for (const Row &row : rows) {
        for (const FakeAnswer &answer : {cluster.get(row.type, "x"), cluster.list(row.type)}) {
            CHECK(answer.code == Code::not_found);
            CHECK(answer.message == row.message);
        }
    }
    CHECK(cluster.get(std::string(100000, 'x'), "x").message.size() < 300);
}

TEST_CASE("a definition adds its kind at once, and its deletion deletes the objects") {
    TestCluster cluster;
    const FakeAnswer early = cluster.create(widget("gear"));
    CHECK(early.code == Code::invalid);
    CHECK(early.message ==
          "no matches for kind \"Widget\" in version \"example.com/v1\"; create its CustomResourceDefinition first");

    const FakeAnswer definition = cluster.create(widget_definition());
    REQUIRE(definition.succeeded);
    CHECK(at(definition.object, "status.conditions.1.type") == "Established");
    CHECK(at(definition.object, "status.conditions.1.status") == "True");
    CHECK(at(definition.object, "status.acceptedNames.listKind") == "WidgetList");
    CHECK(at(definition.object, "status.storedVersions.0") == "v1");

    const FakeAnswer made = cluster.create(widget("gear"));
    REQUIRE(made.succeeded);
    CHECK(made.selflink == "/apis/example.com/v1/namespaces/default/widgets/gear");
    json::object unserved = widget("cog");
    unserved["apiVersion"] = "example.com/v1alpha1";
    CHECK(cluster.create(unserved).message == "no matches for kind \"Widget\" in version \"example.com/v1alpha1\"; its versions "
                                              "here are example.com/v1, example.com/v1beta1");

    REQUIRE(cluster.remove(widget_definition()).succeeded);
    CHECK(cluster.get("widgets", "gear").code == Code::not_found);
    CHECK(cluster.create(widget("gear")).code == Code::invalid);
    REQUIRE(cluster.create(widget_definition()).succeeded);
    CHECK(cluster.names("widgets").empty());
    CHECK(at(cluster.create(widget("gear")).object, "metadata.uid") != at(made.object, "metadata.uid"));
}

TEST_CASE("a definition may be changed, and its kind follows") {
    TestCluster cluster;
    REQUIRE(cluster.create(widget_definition()).succeeded);
    REQUIRE(cluster.create(widget("gear")).succeeded);
    json::object changed = widget_definition();
    changed["spec"].as_object()["names"].as_object()["shortNames"] = json::array{"wgt"};
    REQUIRE(cluster.replace(changed).succeeded);
    CHECK(cluster.get("wgt", "gear").succeeded);
    CHECK(cluster.get("wd", "gear").code == Code::not_found);
}

TEST_CASE("two definitions can't define the same kind") {
    TestCluster cluster;
    REQUIRE(cluster.create(widget_definition()).succeeded);
    json::object other = widget_definition();
    other["metadata"].as_object()["name"] = "gadgets.example.com";
    other["spec"].as_object()["names"].as_object()["plural"] = "gadgets";
    const FakeAnswer answer = cluster.create(other);
    CHECK(answer.code == Code::invalid);
    CHECK_THAT(answer.message, ContainsSubstring("\"Widget\" is already in use by widgets.example.com"));
    CHECK(cluster.names("crd") == "widgets.example.com");
}

TEST_CASE("a cluster-wide custom kind has no namespace") {
    TestCluster cluster;
    json::object definition = widget_definition();
    definition["spec"].as_object()["scope"] = "Cluster";
    REQUIRE(cluster.create(definition).succeeded);
    const FakeAnswer made = cluster.create(widget("gear"));
    REQUIRE(made.succeeded);
    CHECK(made.selflink == "/apis/example.com/v1/widgets/gear");
    CHECK(at(made.object, "metadata.namespace").empty());
}

TEST_CASE("the type of a custom kind completes the object, and the object's own kind has priority") {
    TestCluster cluster;
    REQUIRE(cluster.create(widget_definition()).succeeded);
    const FakeAnswer made = cluster.host().create("widgets", "gear", {});
    REQUIRE(made.message == "");
    CHECK(at(made.object, "kind") == "Widget");
    CHECK(at(made.object, "apiVersion") == "example.com/v1");
    const FakeAnswer other = cluster.host().create("widgets", "x", config_map("x"));
    REQUIRE(other.message == "");
    CHECK(at(other.object, "kind") == "ConfigMap");
}

TEST_CASE("kinds that share a name across groups are not confused") {
    TestCluster cluster;
    REQUIRE(cluster
                .create(parsed(R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "services.serving.knative.dev"}, "spec": {"group": "serving.knative.dev", "scope": "Namespaced",
        "names": {"plural": "services", "kind": "Service", "shortNames": ["kservice"]},
        "versions": [{"name": "v1", "served": true, "storage": true}]}})"))
                .succeeded);
    const json::object knative = parsed(
        R"({"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"template": {}}})");
    const FakeAnswer made = cluster.create(knative);
    REQUIRE(made.succeeded);
    CHECK(at(made.object, "spec") == R"({"template":{}})");
    REQUIRE(cluster.create(service("web")).succeeded);
    CHECK(cluster.get("services.serving.knative.dev", "web").object == made.object);
    CHECK(cluster.get("kservice", "web").object == made.object);
    CHECK(at(cluster.get("svc", "web").object, "apiVersion") == "v1");
}

TEST_CASE("with one kind name in two groups, each object is stored in the group that it names") {
    TestCluster cluster;
    const auto definition = [](const std::string &group) {
        return json::
            parse(R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "gateways.)" +
                  group + R"("}, "spec": {"group": ")" + group +
                  R"(", "scope": "Namespaced", "names": {"kind": "Gateway", "plural": "gateways", "singular": "gateway", "shortNames": ["gw"]},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}]}})")
                .as_object();
    };
    for (const char *group : {"mesh.example", "net.example"}) REQUIRE(cluster.create(definition(group)).succeeded);
    for (const std::string group : {"mesh.example", "net.example"}) {
        INFO(group);
        const json::object object{
            {"apiVersion", group + "/v1"}, {"kind", "Gateway"}, {"metadata", {{"name", "same"}}}, {"spec", {{"who", group}}}};
        for (const char *type : {"Gateway", "gw", "gateways"}) {
            for (const std::uint32_t verb : {RSF_CREATE, RSF_REPLACE, RSF_APPLY, RSF_DELETE}) {
                FakeCall call;
                call.verb = verb;
                call.type = type;
                call.object = json::serialize(object);
                const FakeAnswer answer = cluster.host().perform(call);
                INFO(answer.message);
                CHECK(answer.succeeded);
            }
        }
        REQUIRE(cluster.create(object).succeeded);
        CHECK(at(cluster.get("gateways." + group, "same").object, "spec.who") == group);
    }
}
