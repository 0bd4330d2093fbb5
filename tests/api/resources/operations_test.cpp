// SPDX-License-Identifier: Apache-2.0
//
// /operations, and what writes have to do with it.
#include "support/catch.hpp"

#include "api/answer/operation_document.hpp"
#include "api/resources/operation_answers.hpp"
#include "operations/operations.hpp"

#include <boost/json/serialize.hpp>

using namespace rsf::api::test;

namespace {

constexpr std::string_view one =
    "resources: [{name: a, type: ConfigMap, properties: {kind: ConfigMap, metadata: {name: a, namespace: shop}}}]";
constexpr std::string_view another =
    "resources: [{name: b, type: ConfigMap, properties: {kind: ConfigMap, metadata: {name: b}}}]";

// A request that is answered later.
struct Running {
    Running(Room &room, std::string method, std::string_view body, Headers headers) {
        headers.emplace_back("Content-Type", "application/yaml");
        Request request{.method = std::move(method),
                        .target = "/configurations",
                        .headers = with(std::move(headers)),
                        .body = std::string(body),
                        .id = "id-2"};
        const auto promise = std::make_shared<std::promise<Response>>();
        answer = promise->get_future();
        room.api->admit(request)->answer(request, [promise](Response response) { promise->set_value(std::move(response)); });
    }
    std::future<Response> answer;
};

} // namespace

TEST_CASE("a write says which operation it was, and the operation says how each resource ended") {
    Room room;
    const Response made = room.ask("POST", "/configurations", pair, with({{"Resourcifier-Reason", "ticket 7: \xC3\xA9"}}));
    CHECK(made.status == 201);
    const std::string id = header(made, "Resourcifier-Operation");
    const Response response = room.ask("GET", "/operations/" + id, {}, as_json);
    CHECK(response.status == 200);
    const json::value operation = body_of(response);
    CHECK(operation.at("id").as_string() == id);
    CHECK(operation.at("kind") == "write");
    CHECK(operation.at("state") == "succeeded");
    CHECK(operation.at("target") == "prod");
    CHECK(operation.at("verb") == "create");
    CHECK(operation.at("strategy") == "create-replace");
    CHECK(operation.at("request_id") == "id-1");
    CHECK(operation.at("reason") == "ticket 7: \xC3\xA9");
    CHECK(operation.at("count") == 2);
    CHECK(operation.at("failed") == 0);
    CHECK(operation.at("resources").as_array().size() == 2);
    CHECK(operation.at("resources").at(0).at("status") == "Created");
    CHECK(operation.at("resources").at(0).at("object").at("name") == "a");
    for (const char *time : {"created", "started", "ended"}) CHECK(read_time(operation.at(time).as_string()));
    CHECK_THAT(room.ask("GET", "/operations/" + id).body, StartsWith("id: " + id));

    const Response refused =
        room.ask("PUT", "/configurations", "resources: [{name: a, type: b, properties: {x: $(ref.a.y)}}]", as_json);
    CHECK(refused.status == 400);
    const json::value why = body_of(room.ask("GET", "/operations/" + header(refused, "Resourcifier-Operation"), {}, as_json));
    CHECK(why.at("state") == "failed");
    CHECK(why.at("code") == "invalid");
    CHECK(why.at("resources").at(0).at("status") == "Aborted");
}

TEST_CASE("an asynchronous write is accepted, and told of while it runs, in a list and alone") {
    Room room;
    room.cluster->hold("a");
    const Response accepted = room.ask("POST", "/configurations", one, with({{"Prefer", "respond-async, handling=strict"}}));
    CHECK(accepted.status == 202);
    CHECK(header(accepted, "Preference-Applied") == "respond-async");
    const std::string id = header(accepted, "Resourcifier-Operation");
    CHECK(header(accepted, "Location") == "/operations/" + id);
    CHECK(body_of(accepted).at("state") == "running");
    room.cluster->wait_for("a");
    const Response waits = room.ask("PUT", "/configurations", one, with({{"Prefer", "respond-async"}}));
    CHECK(body_of(waits).at("state") == "queued");
    CHECK(body_of(waits).at("position") == 1);
    CHECK(body_of(waits).at("behind").as_string() == id);
    const json::value list = body_of(room.ask("GET", "/operations", {}, as_json));
    CHECK(list.at("operations").at(0).at("id").as_string() == header(waits, "Resourcifier-Operation"));
    CHECK(list.at("operations").at(1).at("state") == "running");
    CHECK_FALSE(list.at("operations").at(1).as_object().contains("resources"));
    CHECK_FALSE(list.as_object().contains("next"));

    const Response events = room.ask("GET", "/operations/" + id + "/events");
    CHECK(events.status == 200);
    CHECK(events.content_type == "text/event-stream");
    room.cluster->let_go("a");
    const std::string told = all_of(events);
    CHECK_THAT(told, ContainsSubstring("event: resource\ndata: {\"index\":0,\"name\":\"a\""));
    CHECK_THAT(told, ContainsSubstring("\"status\":\"Created\""));
    CHECK(count_of(told, "event: end\n") == 1);
    CHECK(told.find("event: end\n") > told.rfind("event: resource\n"));
}

TEST_CASE("who watches all operations gets those under way, and then each change of a state, until he leaves") {
    Room room;
    room.cluster->hold("a");
    const std::string id =
        header(room.ask("POST", "/configurations", one, with({{"Prefer", "respond-async"}})), "Resourcifier-Operation");
    const auto watch = [&](const std::string &more, const std::string &last = {}) {
        Headers headers{{"Accept", "text/event-stream"}};
        if (!last.empty()) headers.emplace_back("Last-Event-ID", last);
        const Response response = room.ask("GET", "/operations?watch=true" + more, {}, headers);
        CHECK(response.status == 200);
        CHECK(response.content_type == "text/event-stream");
        return response.source;
    };
    const auto all = watch(""), other = watch("&target=other"), failed = watch("&state=failed");
    const std::string first = next_of(*all);
    CHECK(count_of(first, "event: state\n") == 1);
    CHECK_THAT(first, ContainsSubstring("\"id\":\"" + id + "\",") && ContainsSubstring("\"state\":\"running\""));
    CHECK(next_of(*other) == ":\n\n");
    CHECK(next_of(*failed) == ":\n\n");
    room.cluster->let_go("a");
    const std::string end = next_of(*all);
    CHECK(count_of(end, "event: end\n") == 1);
    CHECK_THAT(end, ContainsSubstring("\"state\":\"succeeded\""));
    CHECK(next_of(*other) == ":\n\n");
    // Who saw the first alone goes on behind it, and who saw what was never given begins anew.
    const auto number = first.substr(4, first.find('\n') - 4);
    CHECK(next_of(*watch("", number)) == end);
    CHECK(next_of(*watch("", "7")) == ":\n\n");
    CHECK(room.ask("GET", "/operations?watch=false&object=ConfigMap//a", {}, as_json).status == 200);
}

TEST_CASE("with wait=N the usual answer comes if the operation ends in time, else the 202") {
    Room room;
    CHECK(room.ask("POST", "/configurations", one, with({{"Prefer", "respond-async, wait=100"}})).status == 201);
    room.cluster->hold("b");
    CHECK(room.ask("POST", "/configurations", another, with({{"Prefer", "respond-async, wait=0"}})).status == 202);
    CHECK(room.ask("PUT", "/configurations", another, with({{"Prefer", "wait=1, respond-async"}})).status == 202);
    CHECK(room.ask("PUT", "/configurations", another, with({{"Prefer", "respond-async, wait=soon"}})).status == 202); // ignored
    room.cluster->let_go("b");
}

TEST_CASE("a repeated key gets the answer of the operation that has it, and another request under it is refused") {
    Room room;
    const Headers key = with({{"Idempotency-Key", "deploy-7"}});
    const Response first = room.ask("POST", "/configurations", one, key);
    const Response again = room.ask("POST", "/configurations", one, with({{"Idempotency-Key", "\"deploy-7\""}}));
    CHECK(first.status == 201);
    CHECK(again.status == 201);
    CHECK(again.body == first.body);
    CHECK(header(again, "Resourcifier-Operation") == header(first, "Resourcifier-Operation"));
    CHECK(room.cluster->calls().size() == 1);
    for (const auto &[method, target, body] : {std::tuple{"POST", "/configurations", another},
                                               {"PUT", "/configurations", one},
                                               {"POST", "/configurations?namespace=x", one}}) {
        const Response other = room.ask(method, target, body, key);
        CHECK(other.status == 422);
        CHECK(kind_in(other) == "key-reused");
    }
    // Two at once are one operation.
    room.cluster->hold("b");
    Running running(room, "POST", another, {{"Idempotency-Key", "k2"}}), same(room, "POST", another, {{"Idempotency-Key", "k2"}});
    room.cluster->wait_for("b");
    room.cluster->let_go("b");
    const Response one_answer = running.answer.get(), other_answer = same.answer.get();
    CHECK(one_answer.status == 201);
    CHECK(other_answer.status == 201);
    CHECK(header(one_answer, "Resourcifier-Operation") == header(other_answer, "Resourcifier-Operation"));
    CHECK(room.cluster->calls().size() == 2);
    // What was refused before anything was begun may be tried again.
    const Headers third = with({{"Idempotency-Key", "k3"}});
    CHECK(room.ask("POST", "/configurations", "resources: [{name: a, type: b, properties: {x: $(ref.a.y)}}]", third).status ==
          400);
    CHECK(room.ask("POST", "/configurations", "resources: [{name: c, type: b}]", third).status == 201);
}

TEST_CASE("a failure under a key is told again as it was") {
    Room room;
    room.cluster->behave([](const Call &) -> Answer {
        return Failure{Code::forbidden, "no", Failure::Retry::later, std::chrono::seconds(7), json::object{{"quota", 3}}};
    });
    const Headers key = with({{"Idempotency-Key", "k"}});
    const Response first = room.ask("POST", "/configurations", one, key), again = room.ask("POST", "/configurations", one, key);
    CHECK(first.status == 207);
    CHECK(again.status == 207);
    CHECK(again.body == first.body);
    CHECK(header(again, "Retry-After") == "7");
    CHECK(room.cluster->calls().size() == 1);
}

TEST_CASE("an operation is cancelled once, and then has ended") {
    Room room;
    room.cluster->hold("a");
    Running running(room, "POST", one, {});
    room.cluster->wait_for("a");
    const std::string id(body_of(room.ask("GET", "/operations", {}, as_json)).at("operations").at(0).at("id").as_string());
    const Response cancelled = room.ask("POST", "/operations/" + id + "/cancel", {}, as_json);
    CHECK(cancelled.status == 202);
    CHECK(header(cancelled, "Location") == "/operations/" + id);
    CHECK(running.answer.get().status == 207);
    const Response again = room.ask("POST", "/operations/" + id + "/cancel", {}, as_json);
    CHECK(again.status == 409);
    CHECK(kind_in(again) == "has-ended");
    CHECK(body_of(room.ask("GET", "/operations/" + id, {}, as_json)).at("state") == "cancelled");
}

TEST_CASE("lists are filtered and paged, each page beginning where the last one ended") {
    Room room;
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i)
        ids.insert(ids.begin(), header(room.ask("POST", "/configurations", i == 2 ? another : one), "Resourcifier-Operation"));
    const auto listed = [&](const std::string &query) {
        const Response response = room.ask("GET", "/operations" + query, {}, as_json);
        INFO(response.body);
        REQUIRE(response.status == 200);
        std::vector<std::string> found;
        const json::value document = body_of(response);
        for (const json::value &each : document.at("operations").as_array()) found.emplace_back(each.at("id").as_string());
        return found;
    };
    CHECK(listed("") == ids);
    const json::value page = body_of(room.ask("GET", "/operations?limit=2", {}, as_json));
    CHECK(page.at("next").as_string() == ids[1]);
    CHECK(listed("?limit=2&after=" + ids[1]) == std::vector{ids[2], ids[3]});
    CHECK(listed("?after=" + ids[3]) == std::vector{ids[4]});
    CHECK(listed("?object=ConfigMap//b") == std::vector{ids[2]});
    CHECK(listed("?object=ConfigMap/shop/a").size() == 4);
    CHECK(listed("?object=ConfigMap/shop/a/b").empty());  // a name may have slashes
    CHECK(listed("?object=configmap/shop/").size() == 5); // one of them names no namespace
    CHECK(listed("?state=succeeded&target=prod").size() == 5);
    CHECK(listed("?state=failed").empty());
    CHECK(listed("?target=nowhere").empty());
    CHECK(listed("?caller=anna").empty());
    CHECK(listed("?since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00%2B01:00").empty());
    CHECK(listed("?since=2020-01-01T00:00:00.5Z").size() == 5);
}

TEST_CASE("the events of an operation that has ended say how each resource ended, and no more to who knows the end") {
    Room room;
    const std::string id = header(room.ask("POST", "/configurations", pair), "Resourcifier-Operation");
    const std::string told = all_of(room.ask("GET", "/operations/" + id + "/events"));
    CHECK(count_of(told, "event: resource\n") == 2);
    CHECK(count_of(told, "event: end\n") == 1);
    CHECK_THAT(told, EndsWith("\n\n"));
    const std::size_t at = told.rfind("id: ") + 4;
    const std::string last = told.substr(at, told.find('\n', at) - at);
    CHECK(room.ask("GET", "/operations/" + id + "/events", {}, {{"Last-Event-ID", last}}).status == 204);
    const Response rest = room.ask("GET", "/operations/" + id + "/events", {}, {{"Last-Event-ID", "2"}});
    CHECK(rest.status == 200);
    CHECK(count_of(all_of(rest), "event: end\n") == 1);
}

TEST_CASE("bad keys, ids, cursors, preferences, times and bodies are refused with what is wrong, or ignored where RFCs say so") {
    struct Row {
        const char *name, *method, *target;
        Headers headers;
        unsigned status;
        const char *kind; // of the problem; empty: none
    };
    const std::string long_key(256, 'k'), long_reason(1025, 'r');
    const Row rows[] = {
        {"an empty key", "POST", "/configurations", {{"Idempotency-Key", ""}}, 400, "bad-header"},
        {"a key of spaces", "POST", "/configurations", {{"Idempotency-Key", "  "}}, 400, "bad-header"},
        {"an empty quoted key", "POST", "/configurations", {{"Idempotency-Key", "\"\""}}, 400, "bad-header"},
        {"a key with a space", "POST", "/configurations", {{"Idempotency-Key", "a b"}}, 400, "bad-header"},
        {"a key with a quote", "POST", "/configurations", {{"Idempotency-Key", "a\"b"}}, 400, "bad-header"},
        {"a key that is half quoted", "POST", "/configurations", {{"Idempotency-Key", "\"a"}}, 400, "bad-header"},
        {"a key with a backslash", "POST", "/configurations", {{"Idempotency-Key", "a\\b"}}, 400, "bad-header"},
        {"a key that is not ASCII", "POST", "/configurations", {{"Idempotency-Key", "\xC3\xA9"}}, 400, "bad-header"},
        {"a key with a control character", "POST", "/configurations", {{"Idempotency-Key", "a\x01"}}, 400, "bad-header"},
        {"a key that is too long", "POST", "/configurations", {{"Idempotency-Key", long_key}}, 400, "bad-header"},
        {"two keys", "POST", "/configurations", {{"Idempotency-Key", "a"}, {"idempotency-key", "a"}}, 400, "bad-header"},
        {"the longest key", "POST", "/configurations", {{"Idempotency-Key", long_key.substr(1)}}, 201, ""},
        {"an empty reason", "POST", "/configurations", {{"Resourcifier-Reason", ""}}, 400, "bad-header"},
        {"a reason that is too long", "POST", "/configurations", {{"Resourcifier-Reason", long_reason}}, 400, "bad-header"},
        {"a reason with a control character", "POST", "/configurations", {{"Resourcifier-Reason", "a\tb"}}, 400, "bad-header"},
        {"a reason that is not UTF-8", "POST", "/configurations", {{"Resourcifier-Reason", "\xFF"}}, 400, "bad-header"},
        {"two reasons",
         "POST",
         "/configurations",
         {{"Resourcifier-Reason", "a"}, {"Resourcifier-Reason", "b"}},
         400,
         "bad-header"},
        {"a bad key on a plan", "POST", "/configurations?dryRun=true", {{"Idempotency-Key", ""}}, 400, "bad-header"},
        {"an unknown preference", "POST", "/configurations", {{"Prefer", "respond-soon"}}, 201, ""},
        {"a wait without respond-async", "POST", "/configurations", {{"Prefer", "wait=0"}}, 201, ""},
        {"a wait that is no number", "POST", "/configurations", {{"Prefer", "wait=-1"}}, 201, ""},
        {"a wait of ages", "POST", "/configurations", {{"Prefer", "respond-async, wait=4294967295"}}, 201, ""},
        {"a preference in quotes", "POST", "/configurations", {{"Prefer", "respond-async; x=\"y\", wait=\"100\""}}, 201, ""},
        {"respond-async on a read", "GET", "/configurations/cm", {{"Prefer", "respond-async"}}, 200, ""},
        {"an id that is too short", "GET", "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT", {}, 404, "no-operation"},
        {"an id in lower case", "GET", "/operations/01m8qez95t2y00zk8mwzmb4mt1", {}, 404, "no-operation"},
        {"an id of none", "GET", "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1", {}, 404, "no-operation"},
        {"an id that is a path", "GET", "/operations/..%2F..%2Fetc%2Fpasswd", {}, 404, "no-operation"},
        {"an id with SQL", "GET", "/operations/'%20OR%201=1%20--", {}, 404, "no-operation"},
        {"an id with a NUL", "GET", "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT%00", {}, 400, "bad-uri"},
        {"a watch that is neither", "GET", "/operations?watch=maybe", {}, 400, "bad-query"},
        {"a watch of an object", "GET", "/operations?watch=true&object=ConfigMap//a", {}, 400, "bad-query"},
        {"a watch of a page", "GET", "/operations?limit=2&watch=true", {}, 400, "bad-query"},
        {"a watch behind no event", "GET", "/operations?watch=true", {{"Last-Event-ID", "x"}}, 400, "bad-header"},
        {"the events of none", "GET", "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1/events", {}, 404, "no-operation"},
        {"to cancel none", "POST", "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1/cancel", {}, 404, "no-operation"},
        {"to read a cancel", "GET", "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1/cancel", {}, 405, "method-not-allowed"},
        {"to post an operation", "POST", "/operations", {}, 405, "method-not-allowed"},
        {"to delete an operation", "DELETE", "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1", {}, 405, "method-not-allowed"},
        {"what is none of an operation", "GET", "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1/steps", {}, 404, "no-route"},
        {"operations of a target", "GET", "/targets/prod/operations", {}, 404, "no-route"},
        {"an unknown state", "GET", "/operations?state=succeded", {}, 400, "bad-query"},
        {"an empty state", "GET", "/operations?state=", {}, 400, "bad-query"},
        {"a time that is none", "GET", "/operations?since=yesterday", {}, 400, "bad-query"},
        {"a time without an offset", "GET", "/operations?since=2026-11-30T10:15:00", {}, 400, "bad-query"},
        {"a day that does not exist", "GET", "/operations?until=2026-02-30T00:00:00Z", {}, 400, "bad-query"},
        {"a time with a rest", "GET", "/operations?until=2026-02-03T00:00:00Zx", {}, 400, "bad-query"},
        {"an hour too many", "GET", "/operations?until=2026-02-03T24:00:00Z", {}, 400, "bad-query"},
        {"an object of two parts", "GET", "/operations?object=ConfigMap/a", {}, 400, "bad-query"},
        {"an object without a kind", "GET", "/operations?object=/b/c", {}, 400, "bad-query"},
        {"a limit of none", "GET", "/operations?limit=0", {}, 400, "bad-query"},
        {"a limit above the most", "GET", "/operations?limit=1001", {}, 400, "bad-query"},
        {"a limit that is no number", "GET", "/operations?limit=1e2", {}, 400, "bad-query"},
        {"a negative limit", "GET", "/operations?limit=-1", {}, 400, "bad-query"},
        {"a cursor that is none", "GET", "/operations?after=7", {}, 400, "bad-query"},
        {"a cursor with SQL", "GET", "/operations?after=x'%3B--", {}, 400, "bad-query"},
        {"an unknown parameter", "GET", "/operations?stat=failed", {}, 400, "bad-query"},
        {"a parameter of one operation", "GET", "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1?limit=1", {}, 400, "bad-query"},
        {"an event's id that is a word",
         "GET",
         "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1/events",
         {{"Last-Event-ID", "x"}},
         400,
         "bad-header"},
        {"an event's id that is negative",
         "GET",
         "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1/events",
         {{"Last-Event-ID", "-1"}},
         400,
         "bad-header"},
        {"an event's id that is too large",
         "GET",
         "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1/events",
         {{"Last-Event-ID", "99999999999999999999"}},
         400,
         "bad-header"},
        {"two event's ids",
         "GET",
         "/operations/01M8QEZ95T2Y00ZK8MWZMB4MT1/events",
         {{"Last-Event-ID", "1"}, {"Last-Event-ID", "2"}},
         400,
         "bad-header"},
        {"a form that operations do not have", "GET", "/operations", {{"Accept", "image/png"}}, 406, "not-acceptable"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        Room room;
        Headers headers = row.headers;
        if (header_values(headers, "Accept").empty()) headers.emplace_back("Accept", "application/json");
        const bool writes = std::string_view(row.method) == "POST" && std::string_view(row.target).starts_with("/configurations");
        const Response response = room.ask(row.method, row.target, writes ? one : "", headers);
        INFO(response.body);
        CHECK(response.status == row.status);
        if (*row.kind) CHECK(kind_in(response) == row.kind);
        if (response.status >= 400) CHECK(room.cluster->calls().empty());
    }
}

TEST_CASE("times are RFC 3339, with milliseconds and in UTC where they are written") {
    const auto time = read_time("2026-11-30T10:15:00.1239Z");
    REQUIRE(time);
    CHECK(time_text(*time) == "2026-11-30T10:15:00.123Z");
    CHECK(time_text(*read_time("2026-11-30T10:15:00.5+05:30")) == "2026-11-30T04:45:00.500Z");
    CHECK(time_text(*read_time("1999-12-31t23:59:60z")) == "2000-01-01T00:00:00.000Z");
    CHECK(read_time(time_text(*time)) == time);
}
