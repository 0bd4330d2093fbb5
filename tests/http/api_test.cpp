// SPDX-License-Identifier: Apache-2.0
#include "room.hpp"

#include "support/catch.hpp"

#include <resourcifier/answer.h>

#include <algorithm>

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::http;
using namespace rsf::metrics;
using namespace rsf::run;
using namespace rsf::http::test;
namespace json = boost::json;

namespace {

constexpr std::string_view pair = "resources:\n"
                                  "- {name: a, type: ConfigMap, properties: {kind: ConfigMap, metadata: {name: a}}}\n"
                                  "- {name: b, type: ConfigMap, properties: {kind: ConfigMap, after: $(ref.a.metadata.name)}}\n";

const Headers as_json{{"Accept", "application/json"}};

} // namespace

TEST_CASE("every resource of a POST is answered with its state, in the order posted") {
    Room room;
    const Response response = room.ask("POST", "/configurations", pair, as_json);
    CHECK(response.status == 201);
    CHECK(response.content_type == "application/json");
    CHECK(header(response, "Vary") == "Accept");
    const json::array resources = json::parse(response.body).at("resources").as_array();
    REQUIRE(resources.size() == 2);
    CHECK(resources[0].at("name") == "a");
    CHECK(resources[0].at("state").at("status") == "Created");
    CHECK(resources[1].at("name") == "b");
    CHECK(resources[1].at("state").at("status") == "Created");
    CHECK(room.cluster->calls().size() == 2);
    CHECK(room.cluster->calls()[0].request_id == "id-1");
}

TEST_CASE("PUT replaces and answers 200") {
    Room room;
    const Response response = room.ask("PUT", "/configurations?namespace=blue", pair);
    CHECK(response.status == 200);
    CHECK(response.content_type == "application/x-yaml; charset=UTF-8");
    CHECK_THAT(response.body, ContainsSubstring("status: Replaced"));
    CHECK(room.cluster->calls()[0].verb == Verb::replace);
    CHECK(room.cluster->calls()[0].ns == "blue");
}

TEST_CASE("with apply, POST and PUT both apply, and answer what became of each resource") {
    struct Row {
        const char *name;
        const char *method;
        const char *query;
        Strategy strategy; // the target's
        Verb verb;
        std::uint32_t outcome;
        unsigned status;
        const char *state;
    };
    using enum Strategy;
    const Row row = GENERATE(values<Row>({
        {"POST, as the request says", "POST", "?strategy=apply", create_replace, Verb::apply, RSF_OUTCOME_CREATED, 201,
         "Created"},
        {"PUT, as the request says", "PUT", "?strategy=apply", create_replace, Verb::apply, RSF_OUTCOME_CREATED, 200, "Created"},
        {"POST, as the target says", "POST", "", apply, Verb::apply, RSF_OUTCOME_CHANGED, 200, "Replaced"},
        {"PUT, as the target says", "PUT", "", apply, Verb::apply, RSF_OUTCOME_CHANGED, 200, "Replaced"},
        {"POST of the same", "POST", "", apply, Verb::apply, RSF_OUTCOME_UNCHANGED, 200, "Unchanged"},
        {"the request has the last word", "POST", "?strategy=create-replace", apply, Verb::create, RSF_OUTCOME_DONE, 201,
         "Created"},
        {"and on PUT", "PUT", "?strategy=create-replace", apply, Verb::replace, RSF_OUTCOME_UNCHANGED, 200, "Replaced"},
    }));
    INFO(row.name);
    const auto cluster = std::make_shared<FakeCluster>();
    cluster->behave([&](const Call &call) -> Answer { return Success{json::parse(call.object), row.outcome, {}}; });
    Room room{cluster, fake_targets(cluster, row.strategy)};
    const Response response = room.ask(row.method, std::string("/configurations") + row.query, pair, as_json);
    CHECK(response.status == row.status);
    const json::value answered = json::parse(response.body);
    for (const json::value &resource : answered.at("resources").as_array()) CHECK(resource.at("state").at("status") == row.state);
    for (const Call &call : cluster->calls()) CHECK(call.verb == row.verb);
    CHECK(room.ask("DELETE", "/configurations", pair).status == 204);
}

TEST_CASE("a POST that created some of what it applied is 201, one of which some failed is 207") {
    Room room;
    room.cluster->behave([](const Call &call) -> Answer {
        const std::uint32_t outcome = call.name == "b" ? RSF_OUTCOME_CREATED : RSF_OUTCOME_UNCHANGED;
        return Success{json::parse(call.object), outcome, {}};
    });
    CHECK(room.ask("POST", "/configurations?strategy=apply", pair).status == 201);
    room.fail_all(Code::conflict, "another manager owns spec.replicas");
    CHECK(room.ask("POST", "/configurations?strategy=apply", pair).status == 207);
}

TEST_CASE("a driver that can't apply is refused before anything is touched, and the sentence says what it does") {
    const auto cluster = std::make_shared<FakeCluster>();
    cluster->capabilities &= ~std::uint64_t{64};
    Room room{cluster, fake_targets(cluster)};
    for (const char *target : {"/configurations?strategy=apply", "/configurations?strategy=apply&dryRun=All"}) {
        const Response response = room.ask("POST", target, pair);
        CHECK(response.status == 501);
        CHECK_THAT(response.body,
                   ContainsSubstring("driver 'fake' does not do apply; it does list, get, create, replace, delete"));
    }
    CHECK(cluster->calls().empty());
}

TEST_CASE("a plan is made with the strategy that the write would have") {
    const auto cluster = std::make_shared<FakeCluster>();
    Room room{cluster, fake_targets(cluster, Strategy::apply)};
    const auto verb = [&](const char *method, const char *query) {
        return json::parse(room.ask(method, std::string("/configurations?dryRun=All") + query, pair, as_json).body).at("verb");
    };
    CHECK(verb("POST", "") == "apply");
    CHECK(verb("PUT", "") == "apply");
    CHECK(verb("PUT", "&strategy=create-replace") == "replace");
    CHECK(verb("DELETE", "") == "delete");
    Target &planner = *room.targets.planners.at("prod");
    CHECK(planner.strategy() == Strategy::apply); // of a target that stands over another, unless its settings say otherwise
}

TEST_CASE("DELETE removes dependants first and answers 204 without a body") {
    Room room;
    const Response response = room.ask("DELETE", "/configurations", pair);
    CHECK(response.status == 204);
    CHECK(response.body.empty());
    CHECK(room.cluster->calls()[0].name == "b");
    CHECK(room.cluster->calls()[1].name == "a");
}

TEST_CASE("a POST in which a resource failed is 207, and 502 for a client that prefers strict handling") {
    Room room;
    room.fail_all(Code::already_exists, "configmaps \"a\" already exists");
    Headers headers = as_json;
    const Response lenient = room.ask("POST", "/configurations", pair, headers);
    headers.emplace_back("Prefer", "handling=strict");
    const Response strict = room.ask("POST", "/configurations", pair, headers);
    CHECK(lenient.status == 207);
    CHECK(header(lenient, "Preference-Applied").empty());
    CHECK(strict.status == 502);
    CHECK(header(strict, "Preference-Applied") == "handling=strict");
    CHECK(strict.body == lenient.body);
    const json::array resources = json::parse(lenient.body).at("resources").as_array();
    CHECK(resources[0].at("state").at("status") == "Failed");
    CHECK(resources[0].at("state").at("errors").as_array().at(0).as_string().find("already exists") != std::string::npos);
    CHECK(resources[1].at("state").at("status") == "Aborted");
}

TEST_CASE("a DELETE in which a resource failed is a problem that names each") {
    Room room;
    room.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "a") return Failure{Code::forbidden, "no right to delete a", {}, {}, nullptr};
        return Success{};
    });
    const Response response = room.ask("DELETE", "/configurations", pair);
    CHECK(response.status == 502);
    CHECK(response.content_type == "application/problem+json");
    const json::value problem = json::parse(response.body);
    CHECK(problem.at("type") == "urn:resourcifier:problem:not-all-deleted");
    REQUIRE(problem.at("errors").as_array().size() == 1);
    CHECK(problem.at("errors").at(0).at("pointer") == "/resources/0");
    CHECK_THAT(std::string(problem.at("errors").at(0).at("detail").as_string()), ContainsSubstring("no right to delete a"));
}

TEST_CASE("a dry run is answered with a plan and nothing is written") {
    Room room;
    for (const char *target :
         {"/configurations?dryRun=All", "/configurations?dryRun=true", "/targets/prod/configurations?dryRun=all"})
        for (const char *method : {"POST", "PUT", "DELETE"}) {
            const Response response = room.ask(method, target, pair, as_json);
            CHECK(response.status == 200);
            const json::value plan = json::parse(response.body);
            CHECK(plan.at("target") == "prod");
            CHECK(plan.at("driver").at("name") == "fake");
            CHECK(plan.at("summary").at("create") == 2);
            CHECK(std::ranges::count(response.headers, Header{"Resourcifier-Changes", "2"}) == 1);
        }
    CHECK(room.cluster->calls().empty());
}

TEST_CASE("dryRun=false is a write") {
    Room room;
    CHECK(room.ask("POST", "/configurations?dryRun=false", pair).status == 201);
    CHECK(room.cluster->calls().size() == 2);
}

TEST_CASE("what would fail is a status of its own only for strict clients") {
    Room room;
    const std::string bad = "resources:\n- {name: bad, type: X, properties: {}}\n- {name: good, type: X, properties: {}}\n";
    CHECK(room.ask("POST", "/configurations?dryRun=true", bad).status == 200);
    const Response strict =
        room.ask("POST", "/configurations?dryRun=true", bad, {{"Accept", "application/json"}, {"Prefer", "handling=strict"}});
    CHECK(strict.status == 502);
    CHECK(json::parse(strict.body).at("resources").at(0).at("errors") == json::array{"It is bad."});
    CHECK(std::ranges::count(strict.headers, Header{"Resourcifier-Failed", "1"}) == 1);
}

TEST_CASE("a plan comes in the form that the client asks for") {
    Room room;
    const auto ask = [&](const char *accept) {
        return room.ask("POST", "/configurations?dryRun=true", pair, {{"Accept", accept}});
    };
    CHECK(ask("text/x-diff").content_type == "text/x-diff; charset=UTF-8");
    CHECK_THAT(ask("text/x-diff").body, ContainsSubstring("--- /dev/null"));
    CHECK(ask("text/markdown").content_type == "text/markdown; charset=UTF-8");
    CHECK(ask("text/html").content_type == "text/html; charset=UTF-8");
    CHECK_THAT(ask("text/html").body, ContainsSubstring("<!DOCTYPE html>"));
    CHECK(ask("image/png").status == 406);
    CHECK(room.ask("POST", "/configurations", pair, {{"Accept", "text/html"}}).status == 406); // a write has no page
}

TEST_CASE("a dry run without a driver that plans is refused, as is a word for it that nobody knows") {
    Room room;
    for (const char *method : {"POST", "PUT", "DELETE"}) {
        const Response response = room.ask(method, "/targets/review/configurations?namespace=a&dryRun=true", pair);
        CHECK(response.status == 501);
        CHECK_THAT(response.body, ContainsSubstring("Nothing was done"));
        CHECK(room.ask(method, "/configurations?dryRun=maybe", pair).status == 400);
    }
    CHECK(room.cluster->calls().empty());
}

TEST_CASE("a read reaches the target that its path names, with all that its query says") {
    Room room;
    CHECK(room.ask("GET", "/configurations/cm?allNamespaces=true&labelSelector=app%3Dx&fieldSelector=a=b", {}, as_json).status ==
          200);
    const Response one = room.ask("GET", "/targets/review/configurations/a%2Fb/c+d?namespace=blue", {}, as_json);
    CHECK(one.status == 200);
    CHECK(json::parse(one.body).at("metadata").at("name") == "c d");
    const auto calls = room.cluster->calls();
    CHECK(calls[0].verb == Verb::list);
    CHECK(calls[0].type == "cm");
    CHECK(calls[0].all_namespaces);
    CHECK(calls[0].label_selector == "app=x");
    CHECK(calls[0].field_selector == "a=b");
    CHECK(calls[1].verb == Verb::get);
    CHECK(calls[1].type == "a/b");
    CHECK(calls[1].ns == "blue");
    CHECK_FALSE(calls[1].all_namespaces);
}

TEST_CASE("each way in which a read can fail has its status") {
    struct Row {
        Code code;
        unsigned status;
    };
    const Row rows[] = {
        {Code::not_found, 404}, {Code::already_exists, 409}, {Code::conflict, 409},    {Code::invalid, 400},
        {Code::forbidden, 502}, {Code::unauthorized, 502},   {Code::unavailable, 503}, {Code::timeout, 504},
        {Code::cancelled, 503}, {Code::unsupported, 501},    {Code::internal, 502},
    };
    Room room;
    for (const Row &row : rows) {
        INFO(static_cast<int>(row.code));
        room.fail_all(row.code, "it said no", std::chrono::milliseconds(2500));
        const Response response = room.ask("GET", "/configurations/cm/a");
        CHECK(response.status == row.status);
        CHECK(response.content_type == "application/problem+json");
        const json::value problem = json::parse(response.body);
        CHECK(problem.at("detail") == "it said no");
        CHECK(problem.at("status") == row.status);
        CHECK(problem.at("instance") == "urn:resourcifier:request:id-1");
        CHECK(header(response, "Retry-After") == (row.status == 503 ? "3" : ""));
    }
}

TEST_CASE("what a driver says of a failure for programs reaches them") {
    const json::value details{{"held_by", "kubectl"}};
    Room room;
    const auto fail = [&](Failure::Retry retry, std::chrono::milliseconds after) {
        room.cluster->behave([=](const Call &) -> Answer { return Failure{Code::internal, "no", retry, after, details, 1042}; });
    };
    fail(Failure::Retry::later, std::chrono::milliseconds(4500));
    const Response read = room.ask("GET", "/configurations/cm/a");
    CHECK(read.status == 502);
    CHECK(header(read, "Retry-After") == "5");
    CHECK(json::parse(read.body).at("errors") == json::value{{{"detail", "no"}, {"code", "1042"}, {"details", details}}});

    const Response written = room.ask("POST", "/configurations", pair, as_json);
    CHECK(header(written, "Retry-After") == "5");
    const json::value document = json::parse(written.body);
    const json::value &state = document.at("resources").at(0).at("state");
    CHECK(state.at("code") == "1042");
    CHECK(state.at("details") == details);
    CHECK(state.at("retryAfter") == 5);
    CHECK_FALSE(document.at("resources").at(1).at("state").as_object().contains("code")); // it was aborted

    const Response removed = room.ask("DELETE", "/configurations", pair);
    CHECK(removed.status == 502);
    CHECK(header(removed, "Retry-After") == "5");
    CHECK(json::parse(removed.body).at("errors").at(0).at("code") == "1042");

    fail(Failure::Retry::never, std::chrono::milliseconds(4500));
    for (const char *method : {"POST", "DELETE"}) CHECK(header(room.ask(method, "/configurations", pair), "Retry-After").empty());
    CHECK(header(room.ask("GET", "/configurations/cm/a"), "Retry-After").empty());
}

TEST_CASE("an operation that the target refuses says why and when to come back") {
    Room room;
    room.targets.by_name["prod"]->close();
    const Response closed = room.ask("POST", "/configurations", pair);
    CHECK(closed.status == 503);
    CHECK_FALSE(header(closed, "Retry-After").empty());
    const Response cycle = room.ask("POST", "/targets/review/configurations",
                                    "resources:\n"
                                    "- {name: a, type: T, properties: {x: $(ref.b.y)}}\n"
                                    "- {name: b, type: T, properties: {x: $(ref.a.y)}}\n");
    CHECK(cycle.status == 400);
    CHECK_THAT(cycle.body, ContainsSubstring("a -> b -> a"));
    CHECK(room.cluster->calls().empty());
}

TEST_CASE("what is wrong in a body is told with line, column and pointer") {
    Room room;
    const Response response = room.ask("POST", "/configurations", "resources:\n- name: a\n  type: T\n  propertees: {}\n");
    CHECK(response.status == 400);
    const json::value problem = json::parse(response.body);
    CHECK_THAT(std::string(problem.at("detail").as_string()), ContainsSubstring("properties"));
    const json::value &part = problem.at("errors").at(0);
    CHECK(part.at("line") == 4);
    CHECK(part.at("column") == 3);
    CHECK_THAT(std::string(part.at("pointer").as_string()), StartsWith("/resources/0"));
    CHECK(room.cluster->calls().empty());
}

TEST_CASE("targets are described without their settings") {
    Room room;
    const json::value all = json::parse(room.ask("GET", "/targets", {}, as_json).body);
    REQUIRE(all.at("targets").as_array().size() == 2);
    const json::value one = json::parse(room.ask("GET", "/targets/prod", {}, as_json).body);
    CHECK(one == all.at("targets").at(0));
    CHECK(one.at("name") == "prod");
    CHECK(one.at("default") == true);
    CHECK(all.at("targets").at(1).at("default") == false);
    CHECK(one.at("driver").at("name") == "fake");
    CHECK(one.at("driver").at("version") == "1.2.3");
    CHECK(one.at("driver").at("vendor") == "Tests Ltd");
    CHECK(one.at("driver").at("concurrent") == true);
    CHECK(one.at("strategy") == "create-replace");
    CHECK(one.at("capabilities") == json::array{"list", "get", "create", "replace", "delete", "apply"});
    CHECK(one.at("extensions") == json::array{"rsf.order/1"});
    CHECK(one.at("health").at("ok") == true);
    CHECK_FALSE(one.as_object().contains("settings"));
}

TEST_CASE("a target that takes no more work says so in its health") {
    Room room;
    room.targets.by_name["prod"]->close();
    const json::value one = json::parse(room.ask("GET", "/targets/prod", {}, as_json).body);
    CHECK(one.at("health").at("ok") == false);
    CHECK_FALSE(one.at("health").at("reason").as_string().empty());
}

TEST_CASE("what a driver says of its health is told, and counts") {
    Room room;
    room.cluster->feel([] { return DriverHealth{true, "", {{"restarts", 1}}}; });
    const json::value well = json::parse(room.ask("GET", "/targets/prod", {}, as_json).body).at("health");
    CHECK(well.at("ok") == true);
    CHECK(well.at("driver") == json::object{{"restarts", 1}});
    CHECK_FALSE(well.as_object().contains("reason"));

    room.cluster->feel([] { return DriverHealth{false, "the proxy ended", {}}; });
    const json::value unwell = json::parse(room.ask("GET", "/targets", {}, as_json).body).at("targets").at(0).at("health");
    CHECK(unwell.at("ok") == false);
    CHECK(unwell.at("reason") == "the proxy ended");
    CHECK_FALSE(unwell.as_object().contains("driver"));

    room.targets.by_name["prod"]->close();
    const json::value both = json::parse(room.ask("GET", "/targets/prod", {}, as_json).body).at("health");
    CHECK(both.at("reason") == "the daemon is shutting down; the proxy ended");
}

TEST_CASE("healthz answers whatever the targets do, and under the name of a target too") {
    Room room;
    for (const char *path : {"/healthz", "/targets/prod/healthz", "/healthz?verbose"}) {
        const Response response = room.ask("GET", path, {}, {{"Accept", "text/html"}});
        CHECK(response.status == 200);
        CHECK(response.content_type == "text/plain; charset=UTF-8");
        CHECK(response.body == "OK");
    }
    CHECK(room.ask("GET", "/targets/nope/healthz").status == 404);
}

TEST_CASE("a trailing slash is redirected, with method and body for writes") {
    Room room;
    const Response get = room.ask("GET", "/configurations/cm/?namespace=a");
    CHECK(get.status == 301);
    CHECK(header(get, "Location") == "/configurations/cm?namespace=a");
    CHECK(room.ask("HEAD", "/targets/").status == 301);
    const Response post = room.ask("POST", "/configurations/", pair);
    CHECK(post.status == 308);
    CHECK(header(post, "Location") == "/configurations");
    // Never to somewhere that is no route here.
    CHECK(room.ask("GET", "//evil.example/").status == 400);
    CHECK(room.ask("GET", "/nothing/").status == 404);
    CHECK(room.cluster->calls().empty());
}

TEST_CASE("OPTIONS tells which methods a route allows") {
    Room room;
    CHECK(header(room.ask("OPTIONS", "/configurations"), "Allow") == "POST, PUT, DELETE, OPTIONS");
    CHECK(header(room.ask("OPTIONS", "/configurations/cm"), "Allow") == "GET, HEAD, OPTIONS");
    CHECK(room.ask("OPTIONS", "*").status == 204);
    CHECK(room.ask("OPTIONS", "/nope").status == 404);
}

TEST_CASE("a daemon without a default target says how to name one") {
    const auto cluster = std::make_shared<FakeCluster>();
    Targets targets = fake_targets(cluster);
    targets.default_target.clear();
    Room room{cluster, targets};
    const Response response = room.ask("GET", "/configurations/cm");
    CHECK(response.status == 404);
    CHECK_THAT(response.body, ContainsSubstring("/targets/{target}/configurations"));
    CHECK_THAT(response.body, ContainsSubstring("prod, review"));
}

TEST_CASE("a body is judged before it is read") {
    Room room;
    Request head{"POST", "/configurations", {{"Content-Type", "text/plain"}}, {}, "id", {}};
    CHECK(room.api->refuse(head).value().status == 415);
    head.headers.clear();
    CHECK_FALSE(room.api->refuse(head));
}

TEST_CASE("a target whose queue is full is told before the body is read") {
    const auto cluster = std::make_shared<FakeCluster>();
    std::promise<void> go_on;
    cluster->behave([open = go_on.get_future().share()](const Call &) -> Answer {
        open.wait();
        return Success{};
    });
    const Targets targets{{{"prod", fake_target("prod", cluster, {.queue = 1})}}, {}, "prod"};
    const auto api = std::make_shared<Api>(
        targets, [](auto work) { work(); }, std::make_shared<Metrics>(), silent_log());
    const Request head{"POST", "/configurations", {}, {}, "id", {}};
    CHECK_FALSE(api->refuse(head));
    std::promise<Response> answered;
    api->handle({"GET", "/configurations/cm/a", {}, {}, "id", {}},
                [&](Response response) { answered.set_value(std::move(response)); });
    const Response refused = api->refuse(head).value();
    CHECK(refused.status == 503);
    CHECK(header(refused, "Retry-After") == "1");
    CHECK_THAT(refused.problem->detail, ContainsSubstring("as many as it may have"));
    go_on.set_value();
    CHECK(answered.get_future().get().status == 200);
}
