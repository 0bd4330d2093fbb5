// SPDX-License-Identifier: Apache-2.0
//
// Dry runs of /configurations: what is planned, and in which form it is answered.
#include "api/room.hpp"

#include "support/catch.hpp"

#include <algorithm>

using namespace rsf::api::test;

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
