// SPDX-License-Identifier: Apache-2.0
//
// Revisions, warnings and names of types, with both transports.
#include "support/catch.hpp"

#include "kubectl/fakes/proxied.hpp"

namespace {

using namespace rsf::kubectl::proxied;

FakeCall write_at(std::uint32_t verb, std::string revision, const json::object &object = config_map()) {
    FakeCall call;
    call.verb = verb;
    call.type = "cm";
    call.name = "x";
    call.object = json::serialize(object);
    call.expected_revision = std::move(revision);
    return call;
}

FakeApi::Handler map_x() {
    return [](const FakeRequest &request) { return request.target.starts_with(at_x) ? ok(live) : not_mine; };
}

// A program that behaves like kubectl and says "said" as an object and on standard error what is in "errors".
struct Exec {
    explicit Exec(const std::string &script) {
        host = std::make_unique<FakeHost>(driver_entry<kubectl::KubectlDriver>,
                                          json::object{{"kubectl", folder.script("echo \"$*\" >> \"$HERE/calls\"\n" + script)},
                                                       {"server", "http://localhost:1"},
                                                       {"namespace", "there"},
                                                       {"transport", "exec"}});
        folder.write("live", json::serialize(live));
    }

    Folder folder;
    std::unique_ptr<FakeHost> host;
};

} // namespace

TEST_CASE("a revision that no API server gives is a conflict, and nothing is sent") {
    Fake fake(map_x());
    const Exec exec("cat \"$HERE/live\"");
    for (FakeHost *host : {fake.host.get(), exec.host.get()})
        for (const char *revision : {"none", "7 ", "-7", "0x7", "123456789012345678901"}) {
            INFO(revision);
            CHECK(host->perform(write_at(RSF_REPLACE, revision)).code == Code::conflict);
        }
    CHECK(fake.requests().empty());
    CHECK(exec.folder.lines("calls").empty());
}

namespace {

json::value kind_by(FakeHost &host, std::string type, const json::object &object = {}) {
    FakeCall call;
    call.type = std::move(type);
    if (!object.empty()) call.object = json::serialize(object);
    const FakeAnswer answer = host.kind(call);
    return answer.succeeded ? answer.object : json::value(static_cast<std::int64_t>(answer.code));
}

json::value kind_name(std::string_view group, std::string_view kind, bool namespaced, json::value there) {
    return json::object{{"group", group}, {"kind", kind}, {"namespaced", namespaced}, {"there", std::move(there)}};
}

} // namespace

TEST_CASE("an object's resourceVersion is its revision, but for dry runs and lists") {
    Fake fake([](const FakeRequest &request) {
        if (request.line().starts_with("POST ")) return FakeReply{201, json::serialize(live)};
        if (request.target.starts_with(at_x)) return ok(live);
        return request.target.find("/configmaps") != std::string::npos
                   ? ok({{"kind", "ConfigMapList"}, {"metadata", {{"resourceVersion", "9"}}}, {"items", json::array{live}}})
                   : not_mine;
    });
    CHECK(fake.host->get("cm", "x").revision == "7");
    CHECK(fake.host->create("cm", "x", config_map()).revision == "7");
    CHECK(fake.host->list("cm").revision.empty());
    FakeCall dry = write_at(RSF_CREATE, "");
    dry.flags = RSF_CALL_DRY_RUN;
    const FakeAnswer answer = fake.host->perform(dry);
    CHECK(answer.succeeded);
    CHECK(answer.revision.empty());
}

TEST_CASE("a replace at an expected revision names it, once") {
    Fake fake(map_x());
    REQUIRE(fake.host->perform(write_at(RSF_REPLACE, "5")).succeeded);
    CHECK(json::parse(fake.api.last().body).at("metadata").at("resourceVersion") == "5");
    fake.api.set([](const FakeRequest &request) {
        if (request.method == "PUT") return refusal(409, "Conflict", "the object has been modified");
        return request.target.starts_with(at_x) ? ok(live) : not_mine;
    });
    CHECK(fake.host->perform(write_at(RSF_REPLACE, "5")).code == Code::conflict);
    CHECK(fake.count(std::string("PUT ") + at_x + written) == 1);
    json::object pinned = config_map();
    pinned["metadata"].as_object()["resourceVersion"] = "3";
    CHECK(fake.host->perform(write_at(RSF_REPLACE, "5", pinned)).code == Code::invalid);
}

TEST_CASE("an apply at an expected revision is sent when the object is at it, and names it") {
    Fake fake(map_x());
    const FakeAnswer refused = fake.host->perform(write_at(RSF_APPLY, "5"));
    CHECK(refused.code == Code::conflict);
    CHECK_THAT(refused.message, ContainsSubstring("is at revision 7, and revision 5 was expected"));
    CHECK(fake.requests() == Lines{std::string("GET ") + at_x});
    REQUIRE(fake.host->perform(write_at(RSF_APPLY, "7")).succeeded);
    CHECK(json::parse(fake.api.last().body).at("metadata").at("resourceVersion") == "7");
    REQUIRE(fake.host->perform(write_at(RSF_APPLY, "")).succeeded);
    CHECK_FALSE(json::parse(fake.api.last().body).at("metadata").as_object().contains("resourceVersion"));
    fake.api.set([](const FakeRequest &request) {
        return request.target.starts_with(at_x) ? refusal(404, "NotFound", "configmaps \"x\" not found") : not_mine;
    });
    CHECK_THAT(fake.host->perform(write_at(RSF_APPLY, "7")).message, ContainsSubstring("is not there"));
}

TEST_CASE("a delete at an expected revision has it as a precondition") {
    Fake fake([](const FakeRequest &request) {
        if (request.method == "DELETE") return ok({{"kind", "Status"}, {"status", "Success"}});
        return not_mine;
    });
    REQUIRE(fake.host->perform(write_at(RSF_DELETE, "7")).succeeded);
    CHECK(json::parse(fake.api.last().body).at("preconditions") == json::object{{"resourceVersion", "7"}});
    REQUIRE(fake.host->perform(write_at(RSF_DELETE, "")).succeeded);
    CHECK_FALSE(json::parse(fake.api.last().body).as_object().contains("preconditions"));
    fake.api.set(answering("DELETE", {refusal(409, "Conflict", "the ResourceVersion in the precondition (7) does not match")}));
    CHECK(fake.host->perform(write_at(RSF_DELETE, "7")).code == Code::conflict);
}

TEST_CASE("kubectl as a process replaces at a revision, and says that it can't apply or delete at one") {
    const Exec exec("for word; do case $word in --filename=-) cat >> \"$HERE/sent\";; esac; done; cat \"$HERE/live\"");
    const FakeAnswer replaced = exec.host->perform(write_at(RSF_REPLACE, "5"));
    INFO(replaced.message);
    CHECK(replaced.succeeded);
    CHECK(replaced.revision == "7");
    CHECK_THAT(exec.folder.read("sent"), ContainsSubstring(R"("resourceVersion":"5")"));
    const std::size_t calls = exec.folder.lines("calls").size();
    for (const std::uint32_t verb : {RSF_APPLY, RSF_DELETE}) {
        const FakeAnswer refused = exec.host->perform(write_at(verb, "5"));
        CHECK(refused.code == Code::unsupported);
        CHECK_THAT(refused.message, ContainsSubstring("so nothing was done: set transport to proxy for that."));
    }
    CHECK(exec.folder.lines("calls").size() == calls);
}

TEST_CASE("what the cluster warns of comes with the result, once, and nothing of another call does") {
    Fake fake([](const FakeRequest &request) {
        FakeReply reply = request.target.starts_with(at_x) ? ok(live) : not_mine;
        if (request.method == "PUT") reply.headers = {{"Warning", "299 - \"it is old\""}, {"Warning", "299 - \"it is old\""}};
        return reply;
    });
    CHECK(fake.host->replace("cm", "x", config_map()).warnings == Lines{"it is old"});
    CHECK(fake.host->get("cm", "x").warnings.empty());
    const Exec exec("echo 'Warning: it is old' >&2; cat \"$HERE/live\"");
    CHECK(exec.host->get("cm", "x").warnings == Lines{"it is old"});
}

TEST_CASE("of objects that one kubectl writes, the first says what it warns of") {
    const Exec exec(
        "echo 'Warning: it is old' >&2; for word; do case $word in --filename=*) cat ${word#--filename=};; esac; done");
    std::vector<FakeCall> calls;
    for (const char *name : {"a", "b"}) {
        json::object object = config_map();
        object["metadata"].as_object()["name"] = name;
        calls.push_back(write_at(RSF_CREATE, "", object));
    }
    const std::vector<FakeAnswer> answers = exec.host->batch(calls);
    CHECK(answers[0].warnings == Lines{"Of this or another of 2 objects that were written together: it is old"});
    CHECK(answers[1].warnings.empty());
}

TEST_CASE("a type has one name, by what discovery says") {
    Fake fake;
    for (const char *word : {"deploy", "Deployment", "deployments.v1.apps"})
        CHECK(kind_by(*fake.host, word) == kind_name("apps", "Deployment", true, true));
    CHECK(kind_by(*fake.host, "", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}}) ==
          kind_name("apps", "Deployment", true, true));
    CHECK(kind_by(*fake.host, "ingresses") == kind_name("networking.k8s.io", "Ingress", true, false)); // known, and not there
    CHECK(kind_by(*fake.host, "widgets") == json::value(RSF_NOT_FOUND));
    CHECK(kind_by(*fake.host, "", {{"apiVersion", "a b/v1"}, {"kind", "Widget"}}) == json::value(RSF_NOT_FOUND));
    CHECK(kind_by(*fake.host, "-n") == json::value(RSF_NOT_FOUND));
    const std::size_t asked = fake.api.requests().size();
    CHECK(kind_by(*fake.host, "deploy") == kind_name("apps", "Deployment", true, true));
    CHECK(fake.api.requests().size() == asked);
}

TEST_CASE("with kubectl as a process, kinds that every cluster has are named without asking") {
    const Exec exec("echo 'error: the server is down' >&2; exit 1");
    CHECK(kind_by(*exec.host, "deploy") == kind_name("apps", "Deployment", true, nullptr));
    CHECK(exec.folder.lines("calls").empty());
}
