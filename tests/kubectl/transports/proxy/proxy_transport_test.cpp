// SPDX-License-Identifier: Apache-2.0
//
// The proxy transport behind the ABI: which requests a call becomes, and what is made of the answers.
#include "support/catch.hpp"

#include "kubectl/fakes/proxied.hpp"

namespace {

using namespace rsf::kubectl::proxied;

} // namespace

TEST_CASE("a create is a POST to the collection, checked strictly") {
    Fake fake(answering("POST", {{201, json::serialize(live)}}));
    const FakeAnswer answer = fake.host->create("cm", "x", config_map());
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.outcome == Outcome::created);
    CHECK(answer.object == live);
    CHECK(answer.selflink == at_x);
    CHECK(fake.requests() == Lines{"POST /api/v1/namespaces/there/configmaps" + written});
    CHECK(json::parse(fake.api.last().body) == config_map());
    CHECK(fake.api.last().content_type == "application/json");
    CHECK(fake.api.last().host == "localhost");
}

TEST_CASE("a replace names the version that it replaces, unless the object does") {
    Fake fake([](const FakeRequest &request) { return request.target.starts_with(at_x) ? ok(live) : not_mine; });
    FakeAnswer answer = fake.host->replace("cm", "x", config_map());
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.outcome == Outcome::changed);
    CHECK(fake.requests() == Lines{std::string("GET ") + at_x, std::string("PUT ") + at_x + written});
    CHECK(json::parse(fake.api.last().body).at("metadata").at("resourceVersion") == "7");

    json::object pinned = config_map();
    pinned["metadata"].as_object()["resourceVersion"] = "3";
    REQUIRE(fake.host->replace("cm", "x", pinned).succeeded);
    CHECK(json::parse(fake.api.last().body).at("metadata").at("resourceVersion") == "3");
}

TEST_CASE("a replace that conflicts with another client is repeated, unless the object names its version") {
    const FakeReply conflict = refusal(409, "Conflict", "the object has been modified");
    const auto handler = [&] {
        return [puts = std::make_shared<std::atomic<int>>(0), conflict](const FakeRequest &request) {
            if (request.method == "PUT") return (*puts)++ == 0 ? conflict : ok(live);
            return request.target.starts_with(at_x) ? ok(live) : not_mine;
        };
    };
    Fake fake(handler());
    CHECK(fake.host->replace("cm", "x", config_map()).succeeded);
    CHECK(fake.requests().size() == 4);

    fake.api.set(handler());
    json::object pinned = config_map();
    pinned["metadata"].as_object()["resourceVersion"] = "3";
    CHECK(fake.host->replace("cm", "x", pinned).code == Code::conflict);
    CHECK(fake.requests().size() == 2);
}

TEST_CASE("a replaced Service keeps its address") {
    const json::value service =
        json::parse(R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "resourceVersion": "1"},
        "spec": {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"], "ports": []}})");
    Fake fake([&](const FakeRequest &request) {
        return request.target.find("/services/s") != std::string::npos ? ok(service) : not_mine;
    });
    const json::object posted =
        parse(R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": []}})");
    REQUIRE(fake.host->replace("svc", "s", posted).succeeded);
    CHECK(json::parse(fake.api.last().body).at("spec").at("clusterIP") == "10.0.0.7");
    CHECK(json::parse(fake.api.last().body).at("spec").at("clusterIPs") == json::array{"10.0.0.7"});

    json::object headless = posted;
    headless["spec"] = json::object{{"clusterIP", "None"}};
    REQUIRE(fake.host->replace("svc", "s", headless).succeeded);
    CHECK(json::parse(fake.api.last().body).at("spec") == json::object{{"clusterIP", "None"}});
}

TEST_CASE("a delete waits until the object is gone, and not for a new object of that name") {
    json::value other = live;
    other.at("metadata").as_object()["uid"] = "another";
    struct Row {
        const char *name;
        std::vector<FakeReply> reads;
        std::size_t looked;
    };
    for (const Row &row : {Row{"gone after two looks", {ok(live), ok(live), refusal(404, "NotFound", "no")}, 3},
                           Row{"made again", {ok(other)}, 1}}) {
        INFO(row.name);
        Fake fake([reads = answering(std::string("GET ") + at_x, row.reads)](const FakeRequest &request) {
            return request.method == "DELETE" ? ok(live) : reads(request);
        });
        const FakeAnswer answer = fake.host->remove("cm", "x", config_map());
        INFO(answer.message);
        CHECK(answer.succeeded);
        CHECK(answer.outcome == Outcome::done);
        CHECK(fake.count(std::string("GET ") + at_x) == row.looked);
    }
    Fake fake(answering("DELETE", {ok({{"kind", "Status"}, {"status", "Success"}})}));
    CHECK(fake.host->remove("cm", "x", config_map()).succeeded);
    CHECK(fake.requests() == Lines{std::string("DELETE ") + at_x});
    CHECK(json::parse(fake.api.last().body).at("propagationPolicy") == "Background");
}

TEST_CASE("a delete that times out names the finalizers that hold the object") {
    json::value held = live;
    held.at("metadata").as_object()["finalizers"] = json::array{"example.org/a", "example.org/b"};
    Fake fake([&](const FakeRequest &request) { return request.target.starts_with(at_x) ? ok(held) : not_mine; });
    REQUIRE(fake.host->get("cm", "x").succeeded); // the proxy runs when the time begins
    FakeCall call;
    call.verb = RSF_DELETE;
    call.type = "cm";
    call.object = json::serialize(config_map());
    call.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    const FakeAnswer answer = fake.host->perform(call);
    CHECK(answer.code == Code::timeout);
    CHECK(answer.message ==
          "The deletion was accepted, but the object is not gone yet. It is held by its finalizers: example.org/a, "
          "example.org/b.");
}

TEST_CASE("a list has its selectors in the query, and its items say what they are") {
    Fake fake(answering("GET /api/v1/namespaces/there/configmaps",
                        {ok({{"kind", "ConfigMapList"}, {"items", {{{"metadata", {{"name", "x"}}}}}}})}));
    FakeCall call;
    call.verb = RSF_LIST;
    call.type = "CONFIGMAPS";
    call.label_selector = "app in (a, b)";
    call.field_selector = "metadata.name=x&watch=1";
    const FakeAnswer answer = fake.host->perform(call);
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(fake.requests() ==
          Lines{"GET /api/v1/namespaces/there/configmaps?labelSelector=app%20in%20%28a%2C%20b%29&fieldSelector="
                "metadata.name%3Dx%26watch%3D1"});
    CHECK(answer.object.at("kind") == "List");
    CHECK(answer.object.at("items").at(0).at("kind") == "ConfigMap");
    CHECK(answer.object.at("items").at(0).at("apiVersion") == "v1");

    fake.api.set(answering("GET /api/v1/configmaps", {ok({{"items", json::array{}}})}));
    call.label_selector.clear();
    call.field_selector.clear();
    call.flags = RSF_CALL_ALL_NAMESPACES;
    CHECK(fake.host->perform(call).succeeded);
    CHECK(fake.requests() == Lines{"GET /api/v1/configmaps"});
}

TEST_CASE("a type is found by each of its names, in its group and in none; what the cluster lacks is not found") {
    const json::value deployment{
        {"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", "x"}, {"namespace", "there"}}}};
    Fake fake([&](const FakeRequest &request) {
        if (request.target.find("/namespaces/there/") == std::string::npos) return not_mine;
        return ok(request.target.find("/deployments/") == std::string::npos ? live : deployment);
    });
    for (const char *word : {"cm", "CM", "configmap", "ConfigMap", "configmaps", "configmaps.v1.", "deploy", "Deployment",
                             "deployments.apps", "Deployment.v1.apps"}) {
        INFO(word);
        CHECK(fake.host->get(word, "x").succeeded);
    }
    const std::size_t asked = fake.count("GET /api/v1");
    CHECK(asked == 1); // what is known is not asked for again
    for (const char *word : {"widgets", "configmaps.apps", "deployments.v2.apps", "status"}) {
        INFO(word);
        const FakeAnswer answer = fake.host->get(word, "x");
        CHECK(answer.code == Code::not_found);
        CHECK_THAT(answer.message, StartsWith("The cluster has no such type: "));
    }
    CHECK(fake.count("GET /api/v1") == asked); // nor is what is not there, for a moment
}

TEST_CASE("an object of a kind that the cluster lacks is refused, until its definition is made, and once it is deleted") {
    const json::object definition = parse(R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.org"}, "spec": {"group": "example.org", "names": {"kind": "Widget"},
        "versions": [{"name": "v1", "served": true}]},
        "status": {"conditions": [{"type": "Established", "status": "True"}]}})");
    const std::string definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    std::atomic<bool> is_defined{false};
    Fake fake([&](const FakeRequest &request) {
        if (request.target == "/apis/apiextensions.k8s.io/v1")
            return ok({{"resources",
                        {{{"kind", "CustomResourceDefinition"}, {"name", "customresourcedefinitions"}, {"namespaced", false}}}}});
        if (request.method == "POST" && request.target.starts_with(definitions)) is_defined = true;
        if (request.method == "DELETE") is_defined = false;
        if (request.method == "DELETE") return ok({{"kind", "Status"}, {"status", "Success"}});
        if (request.method == "POST") return FakeReply{201, request.body};
        if (request.target.starts_with(definitions)) return ok(definition);
        if (!is_defined || request.target != "/apis/example.org/v1") return not_mine;
        return ok({{"resources", {{{"kind", "Widget"}, {"name", "widgets"}, {"namespaced", false}}}}});
    });
    const json::object widget = parse(R"({"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "x"}})");
    const auto is_unknown = [&] {
        const FakeAnswer answer = fake.host->create("Widget", "x", widget);
        CHECK(answer.code == Code::invalid);
        CHECK(answer.message == "The cluster has no kind Widget in example.org/v1: correct apiVersion and kind, or create its "
                                "CustomResourceDefinition first.");
    };
    is_unknown();
    CHECK(fake.host->create("CustomResourceDefinition", "widgets.example.org", definition).succeeded);
    CHECK(fake.host->create("Widget", "x", widget).selflink == "/apis/example.org/v1/widgets/x");
    CHECK(fake.host->remove("CustomResourceDefinition", "widgets.example.org", definition).succeeded);
    is_unknown();
}

TEST_CASE("a create leaves out the version of an object that was exported, as kubectl does") {
    Fake fake(answering("POST", {{201, json::serialize(live)}}));
    json::object object = config_map();
    object["metadata"].as_object()["resourceVersion"] = "5";
    REQUIRE(fake.host->create("cm", "x", object).succeeded);
    CHECK(json::parse(fake.api.last().body) == json::value(config_map()));
}

TEST_CASE("words that could be taken for something else never reach the cluster") {
    Fake fake;
    for (const char *type : {"--raw=/api", "all", "cm,secrets", "cm/x", "cm x", "", "../x", "cm?x"})
        CHECK(fake.host->get(type, "x").code == Code::invalid);
    for (const char *name : {"--all", "a,b", "a/b", "..", "", "a%2fb"}) CHECK(fake.host->get("cm", name).code == Code::invalid);
    CHECK(fake.api.requests().empty());
    fake.host->get("cm", "a?b#c");
    CHECK(fake.requests() == Lines{"GET /api/v1/namespaces/there/configmaps/a%3Fb%23c"});
}

TEST_CASE("every write that is a dry run is one for the cluster") {
    Fake fake(
        [](const FakeRequest &request) { return request.target.find("/configmaps") != std::string::npos ? ok(live) : not_mine; });
    FakeCall call;
    call.flags = RSF_CALL_DRY_RUN;
    call.type = "cm";
    call.object = json::serialize(config_map());
    for (const std::uint32_t verb : {RSF_CREATE, RSF_REPLACE, RSF_DELETE}) {
        call.verb = verb;
        CHECK(fake.host->perform(call).message == "");
        const FakeRequest last = fake.api.last();
        CHECK(last.method != "GET");
        if (verb == RSF_DELETE)
            CHECK(json::parse(last.body).at("dryRun") == json::array{"All"});
        else
            CHECK_THAT(last.target, ContainsSubstring("?dryRun=All&"));
    }
}

TEST_CASE("warnings of the cluster are logged, with the request") {
    Fake fake(answering("POST", {{201, json::serialize(live), {{"Warning", "299 - \"policy/v1beta1 is \\\"old\\\"\""}}}}));
    REQUIRE(fake.host->create("cm", "x", config_map()).succeeded);
    bool found = false;
    for (const FakeLine &line : fake.host->log())
        found = found || (line.message == "The cluster warns: policy/v1beta1 is \"old\"" && line.request_id == "test-request");
    CHECK(found);
}

TEST_CASE("an API server that does not check fields has them checked before, as kubectl would") {
    const json::value openapi = json::parse(R"({"definitions": {"meta": {"properties": {"name": {"type": "string"}}},
        "cm": {"properties": {"apiVersion": {}, "kind": {}, "metadata": {"$ref": "#/definitions/meta"}, "data": {"type": "object",
        "additionalProperties": {"type": "string"}}}, "x-kubernetes-group-version-kind": [{"group": "", "version": "v1",
        "kind": "ConfigMap"}]}}})");
    Fake fake([&](const FakeRequest &request) {
        if (request.target == "/version") return ok({{"major", "1"}, {"minor", "20"}});
        if (request.target == "/openapi/v2") return ok(openapi);
        if (request.method == "POST") return FakeReply{201, request.body};
        return request.target.find("/namespaces/there/") != std::string::npos ? ok(live) : not_mine;
    });
    json::object object = config_map();
    CHECK(fake.host->create("cm", "x", object).succeeded);
    object["metadata"].as_object()["lables"] = json::object{};
    const FakeAnswer answer = fake.host->create("cm", "x", object);
    CHECK(answer.code == Code::invalid);
    CHECK(answer.message == "The cluster refuses it: ConfigMap has no such field: unknown field \"metadata.lables\".");
    CHECK(fake.host->create("secret", "x", parse(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "b": 1})"))
              .succeeded); // a kind that is not described
    CHECK(fake.count("GET /openapi/v2") == 1);
}
