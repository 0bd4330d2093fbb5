// SPDX-License-Identifier: Apache-2.0
#include "api/resources/readiness.hpp"
#include "api/room.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

using namespace rsf::api::test;

namespace {

constexpr auto everything_is_well = "[+]shutdown ok\n[+]store ok\n[+]target prod ok\n[+]target review ok\nreadyz check passed\n";

// "prod" is unwell, "review" is well.
struct UnwellRoom : Room {
    UnwellRoom() {
        const auto unwell = std::make_shared<FakeCluster>();
        unwell->feel([] { return DriverHealth{false, "the proxy\nended", {}}; });
        targets.by_name["prod"] = fake_target("prod", unwell);
        api->replace(targets);
    }
};

} // namespace

TEST_CASE("livez answers whatever the targets do and while the daemon goes down") {
    UnwellRoom room;
    room.targets.by_name["review"]->close();
    room.api->go_down();
    for (const char *path : {"/livez", "/livez?verbose", "/livez?a"}) {
        const Response response = room.ask("GET", path, {}, {{"Accept", "text/html"}});
        CHECK(response.status == 200);
        CHECK(response.content_type == "text/plain; charset=UTF-8");
        CHECK(response.body == "ok");
    }
    CHECK(room.ask("GET", "/targets/prod/livez").status == 404);
    CHECK(room.ask("GET", "/livez?x=%zz").status == 400); // any parameters, but of good form
}

TEST_CASE("readyz is ok when every target is well") {
    Room room;
    const Response plain = room.ask("GET", "/readyz", {}, {{"Accept", "text/html"}});
    CHECK(plain.status == 200);
    CHECK(plain.content_type == "text/plain; charset=UTF-8");
    CHECK(plain.body == "ok");
    CHECK(room.ask("GET", "/readyz?verbose").body == everything_is_well);
    CHECK(room.ask("GET", "/readyz?verbose=true").body == everything_is_well);
    CHECK(room.ask("GET", "/readyz?verbose=false").body == "ok");
    CHECK(room.ask("GET", "/targets/review/readyz?verbose").body ==
          "[+]shutdown ok\n[+]store ok\n[+]target review ok\nreadyz check passed\n");
}

TEST_CASE("readyz is 503 while the store takes no writes, for each target too") {
    Room room;
    const auto targets = std::make_shared<const TargetSet>(room.targets);
    for (const char *name : {"", "prod"}) {
        const Response response = ask_readiness(targets, name, false, {}, "The store has no room left on its disk.")();
        CHECK(response.status == 503);
        CHECK(response.body == "[-]store failed: The store has no room left on its disk.\nreadyz check failed\n");
    }
}

TEST_CASE("readyz is 503 when a target is unwell, and says why on one line") {
    UnwellRoom room;
    const Response plain = room.ask("GET", "/readyz");
    CHECK(plain.status == 503);
    CHECK(plain.content_type == "text/plain; charset=UTF-8");
    CHECK(plain.body == "[-]target prod failed: the proxy\\x0Aended\nreadyz check failed\n");
    CHECK(room.ask("GET", "/readyz?verbose").body ==
          "[+]shutdown ok\n[+]store ok\n[-]target prod failed: the proxy\\x0Aended\n[+]target review ok\nreadyz check failed\n");
    CHECK(room.ask("GET", "/targets/prod/readyz").status == 503);
    CHECK(room.ask("GET", "/targets/review/readyz").body == "ok");
    CHECK(room.ask("GET", "/targets/nope/readyz").status == 404);
}

TEST_CASE("targets can be left out of readyz by name") {
    UnwellRoom room;
    CHECK(room.ask("GET", "/readyz?exclude=prod").body == "ok");
    CHECK(room.ask("GET", "/readyz?exclude=prod&exclude=review&verbose").body ==
          "[+]shutdown ok\n[+]store ok\n[+]target prod excluded: ok\n[+]target review excluded: ok\nreadyz check passed\n");
    CHECK(room.ask("GET", "/readyz?exclude=review").status == 503);
    const Response gone = room.ask("GET", "/readyz?exclude=prod&exclude=old&verbose");
    CHECK(gone.status == 200); // a probe outlives the targets that it names
    CHECK_THAT(gone.body, ContainsSubstring("warning: there is no target 'old' to leave out\n"));
}

TEST_CASE("a query that readyz does not know is told so") {
    Room room;
    CHECK_THAT(room.ask("GET", "/readyz?exlcude=prod").body, ContainsSubstring("did you mean 'exclude'?"));
    CHECK_THAT(room.ask("GET", "/readyz?verbose&verbose").body, ContainsSubstring("given twice"));
    CHECK(room.ask("GET", "/readyz?exlcude=prod").status == 400);
}

TEST_CASE("readyz says that the daemon is going down") {
    Room room;
    room.api->go_down();
    const Response response = room.ask("GET", "/readyz?exclude=prod&exclude=review");
    CHECK(response.status == 503);
    CHECK(response.body == "[-]shutdown failed: the daemon is going down\nreadyz check failed\n");
    CHECK(room.ask("GET", "/targets/prod/readyz").status == 503);
}

TEST_CASE("a drained target is not ready, and its writes alone are refused, with when to come again") {
    Room room;
    room.targets.by_name.at("prod")->drain("it is\ndrained");
    const Response ready = room.ask("GET", "/readyz");
    CHECK(ready.status == 503);
    CHECK(ready.body == "[-]target prod failed: it is\\x0Adrained\nreadyz check failed\n");
    CHECK(room.ask("GET", "/targets/review/readyz").status == 200);
    CHECK(room.ask("GET", "/livez").status == 200);
    CHECK(json::parse(room.ask("GET", "/targets/prod", {}, as_json).body).at("health").at("reason") == "it is\ndrained");
    for (const char *method : {"POST", "PUT", "DELETE"}) {
        INFO(method);
        const Request head{method, "/configurations", {{"Content-Type", "text/yaml"}, {"Content-Length", "9"}}, {}, "id-1"};
        const std::optional<Response> refused = room.api->admit(head)->refusal(head); // before the body comes
        REQUIRE(refused);
        CHECK(refused->status == 503);
        CHECK(header(*refused, "Retry-After") == "30");
        const Response late = room.ask(method, "/configurations", pair); // drained while the body came
        CHECK(late.status == 503);
        CHECK(header(late, "Retry-After") == "30");
        CHECK_THAT(late.body, ContainsSubstring("drained"));
    }
    CHECK(room.cluster->begun().empty());
    CHECK(room.ask("POST", "/configurations?dryRun=true", pair).status == 200);
    CHECK(room.ask("GET", "/configurations/cm/a").status == 200);
    CHECK(room.ask("POST", "/targets/review/configurations", pair).status == 201);
    room.targets.by_name.at("prod")->drain(std::nullopt);
    CHECK(room.ask("GET", "/readyz").status == 200);
    CHECK(room.ask("POST", "/configurations", pair).status == 201);
}

TEST_CASE("readyz does not wait for a target that is being made anew") {
    Room room;
    TargetSet waiting = room.targets;
    waiting.by_name["prod"] = nullptr;
    room.api->replace(waiting);
    const Response response = room.ask("GET", "/readyz");
    CHECK(response.status == 503);
    CHECK(response.body ==
          "[-]target prod failed: it is being replaced in a reload, and requests wait for it\nreadyz check failed\n");
    CHECK(room.ask("GET", "/targets/prod/readyz").status == 503);
    CHECK(room.ask("GET", "/readyz?exclude=prod").body == "ok");
}

TEST_CASE("drivers that hang in saying how they are hang no readyz, and others are told as they are") {
    Room room;
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    room.cluster->feel([released] {
        released.wait();
        return DriverHealth{};
    });
    const auto well = std::make_shared<FakeCluster>();
    room.targets.by_name["well"] = fake_target("well", well);
    room.api->replace(room.targets);
    const Response response = room.ask("GET", "/readyz?verbose"); // comes back while they hang
    CHECK(response.status == 503);
    CHECK(response.body == "[+]shutdown ok\n[+]store ok\n"
                           "[-]target prod failed: driver 'fake' has not reported its health yet\n"
                           "[-]target review failed: driver 'fake' has not reported its health yet\n"
                           "[+]target well ok\n"
                           "readyz check failed\n");
    release.set_value();
}

TEST_CASE("one readyz asks each target once, all of them at the same moment") {
    Room room;
    std::atomic<int> asked = 0, meanwhile = 0;
    std::promise<void> all_are_asked;
    const std::shared_future<void> released = all_are_asked.get_future().share();
    for (const char *name : {"prod", "review"}) {
        const auto cluster = std::make_shared<FakeCluster>();
        cluster->feel([&, released] {
            if (++asked == 2) all_are_asked.set_value();
            if (released.wait_for(std::chrono::minutes(1)) == std::future_status::ready) ++meanwhile;
            return DriverHealth{};
        });
        room.targets.by_name[name] = fake_target(name, cluster);
    }
    room.api->replace(room.targets);
    room.ask("GET", "/readyz");
    for (const auto &[name, target] : room.targets.by_name)
        CHECK(target->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    CHECK(asked == 2);
    CHECK(meanwhile == 2);
}

TEST_CASE("an answer to a question that was asked before is no new question") {
    const auto cluster = std::make_shared<FakeCluster>();
    const auto target = fake_target("prod", cluster);
    std::atomic<int> asked = 0;
    cluster->feel([&] {
        ++asked;
        return DriverHealth{};
    });
    const HealthQuestion question = target->ask_health();
    REQUIRE(target->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    CHECK(question.answer().ok);
    CHECK(target->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    CHECK(asked == 1);
}

TEST_CASE("many who ask at the same time how a driver is share one question, and each is answered") {
    Room room;
    std::atomic<int> asked = 0;
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    const auto cluster = std::make_shared<FakeCluster>();
    cluster->feel([&asked, released] {
        ++asked;
        released.wait();
        return DriverHealth{};
    });
    room.targets.by_name = {{"prod", fake_target("prod", cluster)}};
    room.api->replace(room.targets);
    std::vector<std::future<Response>> answers;
    for (int i = 0; i < 40; ++i)
        for (const char *path : {"/readyz", "/metrics", "/targets/prod"}) {
            const auto answer = std::make_shared<std::promise<Response>>();
            answers.push_back(answer->get_future());
            const Request get{"GET", path, {}, {}, "id-1"};
            room.api->admit(get)->answer(get, [answer](Response response) { answer->set_value(std::move(response)); });
        }
    release.set_value();
    for (std::future<Response> &answer : answers) CHECK_FALSE(answer.get().body.empty());
    CHECK(asked == 1);
}

TEST_CASE("probes and metrics neither wait behind bodies nor hold them up") {
    Room room;
    std::vector<std::function<void()>> bodies; // that no thread has come to yet
    const auto api = make_api(
        room.targets, [&](auto work) { bodies.push_back(std::move(work)); }, room.questions, room.metrics, silent_log());
    room.api = api;
    std::future<Response> written;
    {
        const auto answer = std::make_shared<std::promise<Response>>();
        written = answer->get_future();
        const Request post{
            "POST", "/configurations", {{"Content-Type", "text/yaml"}}, "resources: []\n# " + std::string(2000, '.'), "id-1"};
        api->admit(post)->answer(post, [answer](Response response) { answer->set_value(std::move(response)); });
    }
    REQUIRE(bodies.size() == 1);
    for (const char *path : {"/readyz", "/targets/prod/readyz", "/metrics", "/targets", "/targets/prod"}) {
        INFO(path);
        CHECK(room.ask("GET", path).status == 200);
    }
    REQUIRE(bodies.size() == 1);
    bodies.front()();
    CHECK(written.get().status != 500);
}

TEST_CASE("a driver that does not come back from saying how it is is lost, and its target is not waited for") {
    const auto cluster = std::make_shared<FakeCluster>();
    const auto target = fake_target("prod", cluster, {.abandon_after = std::chrono::milliseconds(0)});
    std::promise<void> release;
    cluster->feel([&] {
        release.get_future().wait(); // twice would throw
        return DriverHealth{};
    });
    target->ask_health();
    CHECK(target->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    CHECK(target->lost() == 1);
    CHECK(target->health().reason == "driver 'fake' does not return from its health check");
    release.set_value();
}
