// SPDX-License-Identifier: Apache-2.0
//
// Writes through /configurations: what is done, and what is answered.
#include "api/room.hpp"

#include "drivers/call.hpp"
#include "support/catch.hpp"

#include <resourcifier/answer.h>

using namespace rsf::api::test;

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
