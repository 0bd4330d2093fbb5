// SPDX-License-Identifier: Apache-2.0
//
// Reads of lists and single objects, and the failures of drivers as clients see them.
#include "api/room.hpp"

#include "drivers/call.hpp"
#include "support/catch.hpp"

using namespace rsf::api::test;

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
        Failure failure{Code::internal, "no", retry, after, details};
        failure.number = 1042;
        room.cluster->behave([=](const Call &) -> Answer { return failure; });
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
