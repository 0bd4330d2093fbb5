// SPDX-License-Identifier: Apache-2.0
//
// The proxy transport behind the ABI: which requests a call becomes, and what is made of the answers.
#include "support/catch.hpp"

#include "kubectl_driver.hpp"

#include "fake_api.hpp"

#include <resourcifier/fake_host.hpp>

#include <atomic>

namespace {

using namespace rsf;
using rsf::kubectl::FakeApi;
using rsf::kubectl::FakeReply;
using rsf::kubectl::FakeRequest;
using rsf::kubectl::ok;
using rsf::kubectl::refusal;

using Lines = std::vector<std::string>;

json::object parse(std::string_view text) { return json::parse(text).as_object(); }

json::object config_map() {
    return parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "b"}})");
}
const json::value live = json::parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata":
    {"name": "x", "namespace": "there", "uid": "u", "resourceVersion": "7"}, "data": {"a": "b"}})");

const FakeReply not_mine{0, {}};

// Answers what starts with line with these replies in turn, the last of them for ever.
FakeApi::Handler answering(std::string line, std::vector<FakeReply> replies) {
    return [line = std::move(line), replies = std::move(replies),
            count = std::make_shared<std::atomic<std::size_t>>(0)](const FakeRequest &request) {
        if (!request.line().starts_with(line)) return not_mine;
        return replies[std::min<std::size_t>((*count)++, replies.size() - 1)];
    };
}

struct Fake {
    explicit Fake(FakeApi::Handler handler = {}, json::object more = {}) : api(std::move(handler)) {
        more["kubectl"] = api.kubectl();
        more.emplace("server", "http://localhost:1");
        more.emplace("namespace", "there");
        host = std::make_unique<FakeHost>(driver_entry<kubectl::KubectlDriver>, std::move(more));
    }

    // Requests but those that ask what the cluster has, and whether the proxy still answers.
    Lines requests() const {
        Lines result;
        for (const std::string &line : api.requests())
            if (line != "GET /api/v1" && line != "GET /apis" && line != "GET /apis/apps/v1" && line != "GET /version" &&
                !line.ends_with("/exec"))
                result.push_back(line);
        return result;
    }
    std::size_t count(std::string_view line) const {
        const Lines lines = api.requests();
        return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), line));
    }

    FakeApi api;
    std::unique_ptr<FakeHost> host;
};

constexpr const char *at_x = "/api/v1/namespaces/there/configmaps/x";
const std::string written = "?fieldManager=resourcifier&fieldValidation=Strict";

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

TEST_CASE("a replace that somebody else was faster than is done again, but not one of a version that the object names") {
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

TEST_CASE("a delete waits until the object is gone, and one of that name made since is none of its business") {
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

TEST_CASE("a deleted object that is held up is named with who holds it") {
    json::value held = live;
    held.at("metadata").as_object()["finalizers"] = json::array{"example.org/a", "example.org/b"};
    Fake fake([&](const FakeRequest &request) { return request.target.starts_with(at_x) ? ok(held) : not_mine; });
    FakeCall call;
    call.verb = RSF_DELETE;
    call.type = "cm";
    call.object = json::serialize(config_map());
    call.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(600);
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
        CHECK(answer.message == "The cluster has no kind Widget in example.org/v1: mend apiVersion and kind, or create its "
                                "CustomResourceDefinition first.");
    };
    is_unknown();
    CHECK(fake.host->create("CustomResourceDefinition", "widgets.example.org", definition).succeeded);
    CHECK(fake.host->create("Widget", "x", widget).selflink == "/apis/example.org/v1/widgets/x");
    CHECK(fake.host->remove("CustomResourceDefinition", "widgets.example.org", definition).succeeded);
    is_unknown();
}

TEST_CASE("an apply is a PATCH as a field manager; its outcome is told by what was there") {
    struct Row {
        const char *name;
        FakeReply before, after;
        Outcome outcome;
    };
    json::value changed = live, later = live;
    changed.at("metadata").as_object()["resourceVersion"] = "8";
    changed.at("data").as_object()["a"] = "c";
    later.at("metadata").as_object()["resourceVersion"] = "8"; // its managedFields have another time
    for (const Row &row :
         {Row{"new", kubectl::refusal(404, "NotFound", "no"), {201, json::serialize(live)}, Outcome::created},
          Row{"changed", ok(live), ok(changed), Outcome::changed}, Row{"as it was", ok(live), ok(live), Outcome::unchanged},
          Row{"a second later", ok(live), ok(later), Outcome::unchanged}}) {
        INFO(row.name);
        Fake fake([&](const FakeRequest &request) {
            if (!request.target.starts_with(at_x)) return not_mine;
            return request.method == "GET" ? row.before : row.after;
        });
        const FakeAnswer answer = fake.host->apply("cm", "x", config_map());
        INFO(answer.message);
        CHECK(answer.succeeded);
        CHECK(answer.outcome == row.outcome);
        CHECK(fake.api.last().line() ==
              std::string("PATCH ") + at_x + "?force=false&fieldManager=resourcifier&fieldValidation=Strict");
        CHECK(fake.api.last().content_type == "application/apply-patch+yaml");
        CHECK(json::parse(fake.api.last().body) == config_map());
    }
    const json::array causes{{{"reason", "FieldManagerConflict"}, {"message", "conflict with \"helm\""}, {"field", ".data.a"}}};
    Fake fake(
        answering("PATCH", {kubectl::refusal(409, "Conflict", "Apply failed with 1 conflict: conflict with \"helm\": .data.a",
                                             {{"causes", causes}})}),
        {{"field_manager", "me"}, {"force", true}});
    const FakeAnswer answer = fake.host->apply("cm", "x", config_map());
    CHECK(answer.code == Code::conflict);
    CHECK_THAT(answer.message, ContainsSubstring("conflict with \"helm\": .data.a"));
    CHECK(answer.details.at("causes") == causes);
    CHECK_THAT(fake.api.last().target, ContainsSubstring("?force=true&fieldManager=me&"));
}

namespace {

// live, as this driver created it and somebody else added to it.
json::value with_own_update() {
    json::value object = live;
    object.at("data").as_object()["old"] = "1";
    object.at("metadata").as_object()["managedFields"] = json::parse(
        R"([{"manager": "resourcifier", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}, "f:old": {}}}},
                        {"manager": "helm", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:h": {}}}}])");
    return object;
}

FakeReply conflict_with(std::string_view manager) {
    return refusal(409, "Conflict",
                   "Apply failed with 1 conflict: conflict with \"" + std::string(manager) + "\" using v1: .data.a");
}

} // namespace

TEST_CASE("an apply to what the driver made before takes its fields over first, again if somebody else was faster") {
    std::atomic<int> patches{0};
    Fake fake([&](const FakeRequest &request) {
        if (!request.target.starts_with(at_x)) return not_mine;
        if (request.content_type == "application/json-patch+json" && patches++ == 0)
            return refusal(409, "Conflict", "the object has been modified");
        return ok(request.method == "GET" ? with_own_update() : live);
    });
    const FakeAnswer answer = fake.host->apply("cm", "x", config_map());
    INFO(answer.message);
    CHECK(answer.outcome == Outcome::unchanged); // the fake's answer to the patch is what the apply made
    const std::string patch = std::string("PATCH ") + at_x + written, get = std::string("GET ") + at_x;
    CHECK(fake.requests() ==
          Lines{get, patch, get, patch,
                std::string("PATCH ") + at_x + "?force=false&fieldManager=resourcifier&fieldValidation=Strict"});
}

TEST_CASE("a dry run of such an apply takes nothing over, forces nobody else, and shows what would go") {
    FakeCall call;
    call.verb = RSF_APPLY;
    call.flags = RSF_CALL_DRY_RUN;
    call.type = "cm";
    call.object = json::serialize(config_map());
    std::string manager = "resourcifier";
    Fake fake([&](const FakeRequest &request) {
        if (!request.target.starts_with(at_x)) return not_mine;
        if (request.method == "PUT") return ok(json::parse(request.body));
        if (request.method == "PATCH" && request.target.find("force=false") != std::string::npos) return conflict_with(manager);
        json::value object = with_own_update();
        if (request.method == "PATCH")
            object.at("metadata")
                .at("managedFields")
                .as_array()
                .push_back(json::parse(
                    R"({"manager": "resourcifier", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}}}})"));
        return ok(object);
    });
    FakeAnswer answer = fake.host->perform(call);
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.outcome == Outcome::changed);
    CHECK(answer.object.at("data") == json::object{{"a", "b"}});
    for (const std::string &line : fake.requests())
        CHECK((line.starts_with("GET ") || line.find("dryRun=All") != std::string::npos));

    manager = "helm";
    answer = fake.host->perform(call);
    CHECK(answer.code == Code::conflict);
    CHECK_THAT(answer.message, ContainsSubstring("conflict with \"helm\""));
}

TEST_CASE("a dry run of an apply whose old and new fields the cluster refuses together asks for the new ones alone") {
    FakeCall call;
    call.verb = RSF_APPLY;
    call.flags = RSF_CALL_DRY_RUN;
    call.type = "cm";
    call.object = json::serialize(config_map());
    Fake fake([&](const FakeRequest &request) {
        if (!request.target.starts_with(at_x)) return not_mine;
        if (request.method == "PATCH") return refusal(422, "Invalid", "data: Invalid value: a and old together");
        return request.method == "PUT" ? ok(json::parse(request.body)) : ok(with_own_update());
    });
    const FakeAnswer answer = fake.host->perform(call);
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.outcome == Outcome::changed);
    CHECK(answer.object.at("data") == json::object{{"a", "b"}});
    CHECK(json::parse(fake.api.last().body).at("metadata").at("resourceVersion") == "7");
    for (const std::string &line : fake.requests())
        CHECK((line.starts_with("GET ") || line.find("dryRun=All") != std::string::npos));
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

TEST_CASE("what the cluster refuses has a code, its words, its causes and its time") {
    struct Row {
        const char *name;
        FakeReply reply;
        Code code;
        const char *message;
    };
    const json::array causes{{{"reason", "FieldValueInvalid"}, {"message", "too long"}, {"field", "data.a"}}};
    const Row rows[] = {
        {"exists", refusal(409, "AlreadyExists", "configmaps \"x\" already exists"), Code::already_exists,
         "The cluster says: configmaps \"x\" already exists"},
        {"invalid", refusal(422, "Invalid", "ConfigMap \"x\" is invalid", {{"causes", causes}}), Code::invalid,
         "The cluster says: ConfigMap \"x\" is invalid"},
        {"forbidden", refusal(403, "Forbidden", "no"), Code::forbidden, "The cluster says: no"},
        {"webhook", refusal(400, "", "admission webhook \"w\" denied the request: because"), Code::forbidden,
         "The cluster says: admission webhook \"w\" denied the request: because"},
        {"who", refusal(401, "Unauthorized", "Unauthorized"), Code::unauthorized, "The cluster does not know who is asking"},
        {"quotes a secret",
         refusal(400, "BadRequest", "illegal base64 data at input byte 7, error found in #10 byte of ...|hunter2|..."),
         Code::invalid, "The cluster says: illegal base64 data at input byte 7"},
        {"kubectl's own words",
         {500, "dial tcp 127.0.0.1:1: connect: connection refused\n"},
         Code::unavailable,
         "The cluster can't be reached: dial tcp 127.0.0.1:1: connect: connection refused"},
        {"a login program", {500, "getting credentials: exec: exit status 1"}, Code::unauthorized, "The cluster does not know"},
        {"a gateway's page", {502, "<html>Bad Gateway</html>"}, Code::unavailable, "The cluster says: <html>Bad Gateway</html>"},
        {"nothing", {418, ""}, Code::invalid, "The cluster says: it answered with HTTP status 418"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        Fake fake(answering("POST", {row.reply}));
        const FakeAnswer answer = fake.host->create("cm", "x", config_map());
        CHECK(answer.code == row.code);
        CHECK_THAT(answer.message, StartsWith(row.message) && !ContainsSubstring("hunter2"));
        if (std::string_view(row.name) == "invalid") CHECK(answer.details.at("causes") == causes);
        CHECK(fake.requests().size() == (row.reply.status == 401 ? 2 : 1)); // once more, with what may be a new token
    }
}

TEST_CASE("an overloaded cluster is asked again, where that does nothing twice") {
    const FakeReply busy{429, refusal(429, "TooManyRequests", "later").body, {{"Retry-After", "0"}}};
    const FakeReply down = refusal(503, "ServiceUnavailable", "down");
    struct Row {
        const char *name;
        std::uint32_t verb;
        FakeReply first;
        bool again;
    };
    for (const Row &row : {Row{"429 of a create", RSF_CREATE, busy, true}, Row{"503 of a create", RSF_CREATE, down, false},
                           Row{"503 of a get", RSF_GET, down, true}, Row{"503 of a delete", RSF_DELETE, down, true}}) {
        INFO(row.name);
        Fake fake([handler = answering("", {row.first, ok(live)})](const FakeRequest &request) {
            const bool mine = request.target.find("/namespaces/there/") != std::string::npos;
            if (mine && request.method == "GET" && request.target.starts_with(at_x) && request.body == "look") return not_mine;
            return mine ? handler(request) : not_mine;
        });
        FakeCall call;
        call.verb = row.verb;
        call.type = "cm";
        call.name = "x";
        if (row.verb != RSF_GET) call.object = json::serialize(config_map());
        if (row.verb == RSF_DELETE) call.flags = RSF_CALL_DRY_RUN;
        const FakeAnswer answer = fake.host->perform(call);
        INFO(answer.message);
        CHECK(answer.succeeded == row.again);
        CHECK(fake.requests().size() == (row.again ? 2 : 1));
        if (!row.again) CHECK(answer.retry == Retry::later);
    }
}

TEST_CASE("a pause that the cluster asks for and the call has no time for is passed on") {
    Fake fake(answering("POST", {{429, refusal(429, "TooManyRequests", "later").body, {{"Retry-After", "3600"}}}}));
    const FakeAnswer answer = fake.host->create("cm", "x", config_map());
    CHECK(answer.code == Code::unavailable);
    CHECK(answer.retry == Retry::later);
    CHECK(answer.retry_after == std::chrono::hours(1));
}

TEST_CASE("a broken connection costs a create its call, and a read only another try") {
    using How = FakeReply::How;
    Fake fake(answering("POST", {{200, {}, {}, How::drop}}));
    FakeAnswer answer = fake.host->create("cm", "x", config_map());
    CHECK(answer.code == Code::unavailable);
    CHECK(answer.retry == Retry::later);
    CHECK_THAT(answer.message, StartsWith("The connection to kubectl proxy broke") && EndsWith("The change may have happened."));
    CHECK(fake.requests().size() == 1);

    fake.api.set(answering(std::string("GET ") + at_x, {{200, {}, {}, How::drop}, ok(live)}));
    answer = fake.host->get("cm", "x");
    INFO(answer.message);
    CHECK(answer.succeeded);
    CHECK(fake.requests().size() == 2);
}

TEST_CASE("a proxy that answers with what is not HTTP is replaced, and a read does not notice") {
    Fake fake(answering(std::string("GET ") + at_x, {{200, {}, {}, FakeReply::How::garbage}, ok(live)}));
    const FakeAnswer answer = fake.host->get("cm", "x");
    INFO(answer.message);
    CHECK(answer.succeeded);
    CHECK(fake.api.folder.lines("proxies").size() == 2);
}

TEST_CASE("a call that is not answered ends in time, and when it is cancelled") {
    Fake fake(answering("POST", {{200, {}, {}, FakeReply::How::silence}}));
    REQUIRE(fake.host->get("cm", "y").code == Code::not_found);
    FakeCall call;
    call.verb = RSF_CREATE;
    call.type = "cm";
    call.object = json::serialize(config_map());
    call.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    FakeAnswer answer = fake.host->perform(call);
    CHECK(answer.code == Code::timeout);
    CHECK(answer.message == "The cluster did not answer in time. The change may have happened.");

    call.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
    const Lines before = fake.requests();
    call.cancelled = [&] { return fake.requests().size() > before.size(); };
    answer = fake.host->perform(call);
    CHECK(answer.code == Code::cancelled);
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

TEST_CASE("what the cluster warns of is in the log, with its request") {
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
