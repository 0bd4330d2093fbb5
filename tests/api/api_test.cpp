// SPDX-License-Identifier: Apache-2.0
//
// What the API does for every route, and how it admits requests.
#include "api/room.hpp"

#include "drivers/call.hpp"
#include "support/catch.hpp"

using namespace rsf::api::test;

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
    TargetSet targets = fake_targets(cluster);
    targets.default_target.clear();
    Room room{cluster, targets};
    const Response response = room.ask("GET", "/configurations/cm");
    CHECK(response.status == 404);
    CHECK_THAT(response.body, ContainsSubstring("/targets/{target}/configurations"));
    CHECK_THAT(response.body, ContainsSubstring("prod, review"));
}

TEST_CASE("a body is judged before it is read") {
    Room room;
    Request head{"POST", "/configurations", {{"Content-Type", "text/plain"}}, {}, "id"};
    CHECK(room.api->admit(head)->refusal(head).value().status == 415);
    head.headers.clear();
    CHECK_FALSE(room.api->admit(head)->refusal(head));
}

TEST_CASE("a target whose queue is full is told before the body is read") {
    const auto cluster = std::make_shared<FakeCluster>();
    std::promise<void> go_on;
    cluster->behave([open = go_on.get_future().share()](const Call &) -> Answer {
        open.wait();
        return Success{};
    });
    const TargetSet targets{{{"prod", fake_target("prod", cluster, {.queue = 1})}}, {}, "prod"};
    const auto questions = std::make_shared<Workers>(1, "answers probes");
    const auto api = make_api(
        targets, [](auto work) { work(); }, questions, std::make_shared<Metrics>(), silent_log());
    const Request head{"POST", "/configurations", {}, {}, "id"};
    CHECK_FALSE(api->admit(head)->refusal(head));
    std::promise<Response> answered;
    const Request get{"GET", "/configurations/cm/a", {}, {}, "id"};
    api->admit(get)->answer(get, [&](Response response) { answered.set_value(std::move(response)); });
    const Response refused = api->admit(head)->refusal(head).value();
    CHECK(refused.status == 503);
    CHECK(header(refused, "Retry-After") == "1");
    CHECK_THAT(refused.problem->detail, ContainsSubstring("as many as it may have"));
    go_on.set_value();
    CHECK(answered.get_future().get().status == 200);
}

TEST_CASE("a request whose body comes while the targets are replaced is admitted anew, and others keep what they found") {
    Room room;
    const auto other = std::make_shared<FakeCluster>();
    const Request head{"POST", "/configurations", {{"Content-Type", "text/yaml"}}, {}, "id"};
    const std::unique_ptr<Admission> admission = room.api->admit(head);
    REQUIRE_FALSE(admission->refusal(head)); // its body may come
    const std::weak_ptr<Target> old = room.targets.by_name.at("prod");
    room.targets = {};
    room.api->replace(fake_targets(other));
    CHECK(old.expired()); // a reload can end it though the body is still coming
    Request whole = head;
    whole.body = pair;
    std::promise<Response> answered;
    admission->answer(whole, [&](Response response) { answered.set_value(std::move(response)); });
    CHECK(answered.get_future().get().status == 201);
    CHECK(room.cluster->calls().empty());
    CHECK(other->calls().size() == 2);
}
