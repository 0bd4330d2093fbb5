// SPDX-License-Identifier: Apache-2.0
//
// What the proxy transport makes of refusals, overload, broken connections and silence.
#include "support/catch.hpp"

#include "kubectl/fakes/proxied.hpp"

namespace {

using namespace rsf::kubectl::proxied;

} // namespace

TEST_CASE("a refusal of the cluster has a code, its message, its causes and its retry time") {
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

TEST_CASE("a request to an overloaded cluster is repeated where that can't do a change twice") {
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

TEST_CASE("a Retry-After that exceeds the call's time is passed on") {
    Fake fake(answering("POST", {{429, refusal(429, "TooManyRequests", "later").body, {{"Retry-After", "3600"}}}}));
    const FakeAnswer answer = fake.host->create("cm", "x", config_map());
    CHECK(answer.code == Code::unavailable);
    CHECK(answer.retry == Retry::later);
    CHECK(answer.retry_after == std::chrono::hours(1));
}

TEST_CASE("a broken connection fails a create, and a read is repeated") {
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
