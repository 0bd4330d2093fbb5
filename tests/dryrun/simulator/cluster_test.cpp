// SPDX-License-Identifier: Apache-2.0
#include "dryrun/test_cluster.hpp"
#include "support/catch.hpp"

using namespace rsf;
using namespace rsf::dryrun;

TEST_CASE("an object that was created is answered, found and listed") {
    TestCluster cluster;
    json::object object = config_map("site");
    object["data"] = json::object{{"greeting", "hello"}, {"snow", "\u2603"}};
    const FakeAnswer made = cluster.create(object);
    REQUIRE(made.succeeded);
    CHECK(made.outcome == Outcome::done);
    CHECK(made.selflink == "/api/v1/namespaces/default/configmaps/site");
    CHECK(at(made.object, "data.snow") == "\u2603");

    const FakeAnswer found = cluster.get("cm", "site");
    REQUIRE(found.succeeded);
    CHECK(found.object == made.object);
    CHECK(found.selflink == made.selflink);

    const FakeAnswer list = cluster.list("configmaps");
    REQUIRE(list.succeeded);
    CHECK(at(list.object, "apiVersion") == "v1");
    CHECK(at(list.object, "kind") == "List");
    CHECK(at(list.object, "metadata.resourceVersion") == at(made.object, "metadata.resourceVersion"));
    CHECK(at(list.object, "items") == json::serialize(json::array{made.object}));
}

TEST_CASE("a second create is refused and changes nothing") {
    TestCluster cluster;
    const FakeAnswer first = cluster.create(deployment("web"));
    REQUIRE(first.succeeded);
    json::object other = deployment("web");
    other["spec"].as_object()["replicas"] = 9;
    const FakeAnswer second = cluster.create(other);
    CHECK(second.code == Code::already_exists);
    CHECK(second.message == "deployments.apps \"web\" already exists");
    CHECK(second.retry == Retry::never);
    CHECK(cluster.get("deploy", "web").object == first.object);
}

TEST_CASE("replace of an object that does not exist is refused") {
    TestCluster cluster;
    const FakeAnswer answer = cluster.replace(config_map("site"));
    CHECK(answer.code == Code::not_found);
    CHECK(answer.message == "configmaps \"site\" not found");
    CHECK(cluster.names("cm").empty());
}

TEST_CASE("replace changes the object and keeps its identity") {
    TestCluster cluster;
    const FakeAnswer made = cluster.create(deployment("web"));
    json::object changed = deployment("web");
    changed["spec"].as_object()["replicas"] = 3;
    const FakeAnswer answer = cluster.replace(changed);
    REQUIRE(answer.succeeded);
    CHECK(answer.outcome == Outcome::done);
    for (const char *kept : {"metadata.uid", "metadata.creationTimestamp"})
        CHECK(at(answer.object, kept) == at(made.object, kept));
    CHECK(at(answer.object, "metadata.resourceVersion") != at(made.object, "metadata.resourceVersion"));
    CHECK(at(answer.object, "metadata.generation") == "2");
    CHECK(at(answer.object, "status.observedGeneration") == "2");
    CHECK(at(answer.object, "status.readyReplicas") == "3");
}

TEST_CASE("replace by the same object changes nothing, and the outcome is unchanged") {
    TestCluster cluster;
    const FakeAnswer made = cluster.create(deployment("web"));
    for (const json::object &same : {deployment("web"), made.object.as_object()}) {
        const FakeAnswer answer = cluster.replace(same);
        REQUIRE(answer.succeeded);
        CHECK(answer.outcome == Outcome::unchanged);
        CHECK(answer.object == made.object);
    }
}

TEST_CASE("a change of labels alone is no new generation") {
    TestCluster cluster;
    cluster.create(deployment("web"));
    json::object changed = deployment("web");
    changed["metadata"].as_object()["labels"] = json::object{{"tier", "front"}};
    const FakeAnswer answer = cluster.replace(changed);
    CHECK(at(answer.object, "metadata.generation") == "1");
    CHECK(at(answer.object, "metadata.labels.tier") == "front");
}

TEST_CASE("replace with an old resourceVersion or a foreign uid is a conflict") {
    TestCluster cluster;
    json::object mine = cluster.create(config_map("site")).object.as_object();
    json::object theirs = mine;
    theirs["data"] = json::object{{"a", "1"}};
    REQUIRE(cluster.replace(theirs).succeeded);

    mine["data"] = json::object{{"a", "2"}};
    const FakeAnswer stale = cluster.replace(mine);
    CHECK(stale.code == Code::conflict);
    CHECK(stale.message ==
          "Operation cannot be fulfilled on configmaps \"site\": the object has been modified; please apply your changes "
          "to the latest version and try again");

    json::object foreign = config_map("site");
    foreign["metadata"].as_object()["uid"] = "00000000-0000-5000-8000-000000000000";
    CHECK(cluster.replace(foreign).code == Code::conflict);

    json::object nonsense = config_map("site");
    nonsense["metadata"].as_object()["resourceVersion"] = "latest";
    CHECK(cluster.replace(nonsense).code == Code::invalid);
    CHECK(at(cluster.get("cm", "site").object, "data.a") == "1");

    json::object unconditional = config_map("site");
    unconditional["metadata"].as_object()["resourceVersion"] = "0";
    CHECK(cluster.replace(unconditional).succeeded);
}

TEST_CASE("a create takes an object as it was exported: its resourceVersion is left out, as kubectl does") {
    TestCluster cluster;
    json::object object = config_map("site");
    object["metadata"].as_object()["resourceVersion"] = "4711";
    const FakeAnswer answer = cluster.create(object);
    REQUIRE(answer.succeeded);
    CHECK(at(answer.object, "metadata.resourceVersion") != "4711");
}

TEST_CASE("delete of an object that does not exist succeeds with the outcome unchanged") {
    TestCluster cluster;
    REQUIRE(cluster.create(config_map("site")).succeeded);
    const FakeAnswer first = cluster.remove(config_map("site"));
    REQUIRE(first.succeeded);
    CHECK(first.outcome == Outcome::done);
    CHECK(first.object.is_null());
    const FakeAnswer second = cluster.remove(config_map("site"));
    REQUIRE(second.succeeded);
    CHECK(second.outcome == Outcome::unchanged);
    CHECK(cluster.get("cm", "site").code == Code::not_found);
}

TEST_CASE("an object needs its namespace, and is deleted with it") {
    TestCluster cluster;
    CHECK(cluster.remove(config_map("site", "shop")).outcome == Outcome::unchanged); // what is in no namespace is absent
    for (const FakeAnswer &answer : {cluster.create(config_map("site", "shop")), cluster.replace(config_map("site", "shop"))}) {
        CHECK(answer.code == Code::not_found);
        CHECK(answer.message == "namespaces \"shop\" not found");
    }
    REQUIRE(cluster.create(name_space("shop")).succeeded);
    REQUIRE(cluster.create(config_map("site", "shop")).succeeded);
    REQUIRE(cluster.create(config_map("site")).succeeded);
    CHECK(cluster.get("cm", "site", "shop").succeeded);
    CHECK(cluster.names("cm") == "site site");

    REQUIRE(cluster.remove(name_space("shop")).succeeded);
    CHECK(cluster.get("ns", "shop").code == Code::not_found);
    CHECK(cluster.names("cm", "", "metadata.namespace=shop").empty());
    CHECK(cluster.get("cm", "site").succeeded);
    REQUIRE(cluster.create(name_space("shop")).succeeded);
    CHECK(cluster.get("cm", "site", "shop").code == Code::not_found);
}

TEST_CASE("a new cluster has the usual namespaces, which can't be deleted") {
    TestCluster cluster;
    CHECK(cluster.names("namespaces") == "default kube-node-lease kube-public kube-system");
    for (const char *name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
        const FakeAnswer answer = cluster.remove(name_space(name));
        CHECK(answer.code == Code::forbidden);
        CHECK(answer.message == "namespaces \"" + std::string(name) + "\" is forbidden: this namespace may not be deleted");
    }
}

TEST_CASE("the namespace is the object's own, else the request's, else the settings'") {
    TestCluster cluster({{"namespace", "home"}});
    CHECK(cluster.create(config_map("a")).message == "namespaces \"home\" not found");
    REQUIRE(cluster.create(name_space("home")).succeeded);
    REQUIRE(cluster.create(name_space("work")).succeeded);
    CHECK(at(cluster.create(config_map("a")).object, "metadata.namespace") == "home");
    CHECK(at(cluster.create(config_map("b", "work")).object, "metadata.namespace") == "work");

    FakeCall call;
    call.verb = RSF_CREATE;
    call.ns = "work";
    call.object = json::serialize(config_map("c"));
    CHECK(at(cluster.host().perform(call).object, "metadata.namespace") == "work");
    call.object = json::serialize(config_map("c", "home"));
    CHECK(cluster.host().perform(call).code == Code::invalid); // each says something else

    CHECK(cluster.get("cm", "a").succeeded);
    CHECK(cluster.get("cm", "b").code == Code::not_found);
    CHECK(cluster.get("cm", "b", "work").succeeded);
    FakeCall list;
    list.verb = RSF_LIST;
    list.type = "cm";
    CHECK(at(cluster.host().perform(list).object, "items.0.metadata.name") == "a");
    CHECK(at(cluster.host().perform(list).object, "items.1").empty());
}

TEST_CASE("a list is in the order of namespaces and names") {
    TestCluster cluster;
    cluster.create(name_space("alpha"));
    for (const char *name : {"c", "a", "b"}) cluster.create(config_map(name));
    cluster.create(config_map("z", "alpha"));
    CHECK(cluster.names("cm") == "z a b c");
}

TEST_CASE("an object of a cluster-wide kind has no namespace, even if the request has one") {
    TestCluster cluster;
    json::object role = parsed(R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
                                   "metadata": {"name": "system:reader", "namespace": "nowhere"}, "rules": []})");
    const FakeAnswer made = cluster.create(role);
    REQUIRE(made.succeeded);
    CHECK(at(made.object, "metadata.namespace").empty());
    CHECK(made.selflink == "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:reader");
    CHECK(cluster.get("clusterrole", "system:reader", "anything").succeeded);
    CHECK(cluster.remove(role).succeeded);
}

TEST_CASE("a replace that changes an immutable field is refused") {
    struct Row {
        const char *name;
        json::object before, after;
        const char *message;
    };
    json::object selector = deployment("x");
    selector["spec"].as_object()["selector"] = parsed(R"({"matchLabels": {"app": "y"}})");
    selector["spec"].as_object()["template"].as_object()["metadata"] = parsed(R"({"labels": {"app": "y"}})");
    json::object frozen = config_map("x");
    frozen["immutable"] = true;
    frozen["data"] = json::object{{"a", "1"}};
    json::object thawed = frozen;
    thawed["data"] = json::object{{"a", "2"}};
    const json::object binding =
        parsed(R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "x"},
                                            "roleRef": {"kind": "Role", "name": "a"}})");
    json::object rebound = binding;
    rebound["roleRef"] = parsed(R"({"kind": "Role", "name": "b", "apiGroup": "rbac.authorization.k8s.io"})");
    const json::object secret = parsed(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}})");
    json::object retyped = secret;
    retyped["type"] = "kubernetes.io/tls";
    json::object rescoped = widget_definition();
    rescoped["spec"].as_object()["scope"] = "Cluster";
    const std::vector<Row> rows = {
        {"a Deployment's selector", deployment("x"), selector,
         "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"y\"}}: field is immutable"},
        {"a Service's address", service("x", {{"clusterIP", "10.96.0.7"}}), service("x", {{"clusterIP", "10.96.0.8"}}),
         "spec.clusterIPs[0]: Invalid value: \"10.96.0.8\": may not change once set"},
        {"a frozen ConfigMap", frozen, thawed, "data: Forbidden: field is immutable when `immutable` is set"},
        {"a binding's role", binding, rebound, "roleRef: Invalid value"},
        {"a Secret's type", secret, retyped, "Secret \"x\" is invalid: type: Invalid value: field is immutable"},
        {"a definition's scope", widget_definition(), rescoped, "spec.scope: Invalid value: \"Cluster\": field is immutable"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        TestCluster cluster;
        const FakeAnswer made = cluster.create(row.before);
        REQUIRE(made.message == "");
        const FakeAnswer answer = cluster.replace(row.after);
        CHECK(answer.code == Code::invalid);
        CHECK_THAT(answer.message, ContainsSubstring(row.message));
        CHECK(cluster.replace(row.before).outcome == Outcome::unchanged);
    }
}

TEST_CASE("the resource's type and name fill in what its object leaves out") {
    TestCluster cluster;
    const FakeAnswer made = cluster.host().create("ConfigMap", "site", {{"data", json::object{{"a", "1"}}}});
    REQUIRE(made.succeeded);
    CHECK(at(made.object, "apiVersion") == "v1");
    CHECK(at(made.object, "kind") == "ConfigMap");
    CHECK(at(made.object, "metadata.name") == "site");
    const FakeAnswer other = cluster.host().create("Secret", "x", config_map("y")); // the object counts
    CHECK(at(other.object, "kind") == "ConfigMap");
    CHECK(at(other.object, "metadata.name") == "y");
}

TEST_CASE("generateName is refused, since the same configuration could not replace or delete the object") {
    TestCluster cluster;
    const FakeAnswer answer =
        cluster.create(parsed(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "site-"}})"));
    CHECK(answer.code == Code::invalid);
    CHECK_THAT(answer.message, ContainsSubstring("generateName"));
}

TEST_CASE("names with special characters are only names") {
    TestCluster cluster;
    for (const char *name : {"--raw=/x", "../../etc/passwd", "", "x\ny", "\xe2\x98\x83", "a/b"}) {
        const FakeAnswer answer = cluster.get("cm", name);
        CHECK(answer.code == Code::not_found);
        CHECK_THAT(answer.message, Catch::Matchers::StartsWith("configmaps \""));
        CHECK(answer.message.find('\n') == std::string::npos);
    }
}

TEST_CASE("delete of an impossible object changes nothing, and an object in another version is deleted") {
    struct Row {
        const char *name, *object;
        bool deleted = false;
    };
    const auto row = GENERATE(values<Row>({
        {"a namespace that never was",
         R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "never"}})"},
        {"a kind that never was", R"({"apiVersion": "never.example/v1", "kind": "Never", "metadata": {"name": "x"}})"},
        {"a kind in the wrong group", R"({"apiVersion": "apps/v1", "kind": "Widget", "metadata": {"name": "x"}})"},
        {"a list", R"({"apiVersion": "v1", "kind": "List", "items": []})"},
        {"a name of the cluster's choosing", R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "x-"}})"},
        {"no kind", "{}"},
        {"a name that can't be one", R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "X/y"}})"},
        {"a definition that is not there",
         R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "a.b.c"}})"},
        {"a version that is not served", R"({"apiVersion": "example.com/v9", "kind": "Widget", "metadata": {"name": "gear"}})",
         true},
        {"a group that the kind was in",
         R"({"apiVersion": "extensions/v1beta1", "kind": "Deployment", "metadata": {"name": "web"}})", true},
    }));
    INFO(row.name);
    TestCluster cluster;
    REQUIRE(cluster.create(widget_definition()).succeeded);
    REQUIRE(cluster.create(widget("gear")).succeeded);
    REQUIRE(cluster.create(deployment("web")).succeeded);
    const FakeAnswer answer = cluster.remove(parsed(row.object));
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.outcome == (row.deleted ? Outcome::done : Outcome::unchanged));
    CHECK(cluster.remove(parsed(row.object)).outcome == Outcome::unchanged);
}

TEST_CASE("an object whose kind was deleted with its definition does not exist") {
    TestCluster cluster;
    REQUIRE(cluster.create(widget_definition()).succeeded);
    REQUIRE(cluster.create(widget("gear")).succeeded);
    REQUIRE(cluster.remove(widget_definition()).succeeded);
    CHECK(cluster.remove(widget("gear")).outcome == Outcome::unchanged);
    CHECK(cluster.remove(widget_definition()).outcome == Outcome::unchanged);
}
