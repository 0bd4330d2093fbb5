// SPDX-License-Identifier: Apache-2.0
//
// What is counted of requests, and how it is told.
#include "http/test_server.hpp"
#include "support/catch.hpp"
#include "support/samples.hpp"

#include <future>
#include <thread>

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::http;
using namespace rsf::metrics;
using namespace rsf::config;
using namespace rsf::run;
using namespace rsf::targets;
using namespace rsf::http::test;
using namespace rsf::api::test;
using rsf::test::count_samples;
using rsf::test::sample;
using namespace std::chrono_literals;

namespace {

std::string scrape(const TestServer &server) { return server.ask(request("GET", "/metrics")).body; }

// Requests are counted after their answer is sent.
double count_once_idle(const TestServer &server, const std::string &labels) {
    REQUIRE(server.server->wait_idle(std::chrono::steady_clock::now() + 1min));
    return sample(server.metrics->text(), "resourcifier_http_requests_total{" + labels + "}").value_or(0);
}

} // namespace

TEST_CASE("metrics come in Prometheus' text format, whatever Accept says") {
    const TestServer server;
    const Reply reply = server.ask(request("GET", "/metrics?collect=all", "Accept: application/openmetrics-text\r\n"));
    CHECK(reply.status == 200);
    CHECK(reply.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(sample(reply.body, "resourcifier_http_connections") == 1);
    CHECK(sample(reply.body, "resourcifier_http_requests_in_flight") == 1);
    CHECK(RawClient(server.address()).ask(request("POST", "/metrics")).status == 405);
    CHECK(server.ask(request("GET", "/targets/prod/metrics")).status == 404);
}

TEST_CASE("every answer is counted by its route, method and code, early refusals too") {
    const TestServer server;
    struct Row {
        const char *name;
        std::string bytes;
        const char *labels;
    };
    const Row row = GENERATE(values<Row>({
        {"a read", request("GET", "/configurations/cm/a"), R"(code="200",method="GET",route="get")"},
        {"a write", request("POST", "/configurations", "", two_resources), R"(code="201",method="POST",route="configurations")"},
        {"of a named target", request("GET", "/targets/prod/configurations/cm"), R"(code="200",method="GET",route="list")"},
        {"a wrong method", request("POST", "/healthz"), R"(code="405",method="POST",route="health")"},
        {"a label that is not read", request("PUT", "/configurations", "Content-Type: text/plain\r\n", "x"),
         R"(code="415",method="PUT",route="configurations")"},
        {"a slash too many", request("GET", "/targets/"), R"(code="301",method="GET",route="targets")"},
        {"no route", request("GET", "/nope"), R"(code="404",method="GET",route="none")"},
        {"an unknown method", request("BREW", "/healthz"), R"(code="501",method="other",route="health")"},
        {"no HTTP at all", "\x16\x03\x01\r\n\r\n", R"(code="400",method="other",route="none")"},
        {"options", request("OPTIONS", "*"), R"(code="204",method="OPTIONS",route="none")"},
    }));
    INFO(row.name);
    server.ask(row.bytes);
    CHECK(count_once_idle(server, row.labels) == 1);
}

TEST_CASE("ten thousand paths and methods leave the number of series as it was") {
    const TestServer server;
    server.ask(request("GET", "/nope"));
    server.ask(request("BREW", "/nope"));
    server.ask(request("GET", "/configurations/cm/a"));
    REQUIRE(server.server->wait_idle(std::chrono::steady_clock::now() + 1min));
    const std::size_t before = count_samples(server.metrics->text());
    RawClient client(server.address());
    for (int i = 0; i < 10'000;) {
        std::string many;
        const int batch_begin = i;
        for (; i < batch_begin + 50; ++i) {
            const std::string number = std::to_string(i);
            many += i % 3 == 0   ? request("GET", "/nope" + number + "?x=" + number)
                    : i % 3 == 1 ? request("BREW" + number, "/nope" + number)
                                 : request("GET", "/configurations/cm/a" + number, "X-Request-Id: " + number + "\r\n");
        }
        client.send(many);
        for (int n = batch_begin; n < i; ++n) client.read();
    }
    CHECK(count_once_idle(server, R"(code="501",method="other",route="none")") > 3000);
    CHECK(count_samples(server.metrics->text()) == before);
}

TEST_CASE("metrics are told while drivers hang in saying how they are, and say that these are not ready") {
    const auto cluster = std::make_shared<FakeCluster>();
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    cluster->feel([released] {
        released.wait();
        return DriverHealth{};
    });
    const auto metrics = std::make_shared<Metrics>();
    TargetSet targets;
    targets.by_name["stuck"] =
        Target::make("stuck", std::make_unique<FakeDriver>(cluster), {}, silent_log(), nullptr, {}, metrics->target("stuck"));
    targets.by_name["well"] = Target::make("well", std::make_unique<FakeDriver>(std::make_shared<FakeCluster>()), {},
                                           silent_log(), nullptr, {}, metrics->target("well"));
    const ServedApi served(targets, {.listen = {"127.0.0.1:0"}, .limits = {}, .metrics = metrics});
    while (!targets.by_name["well"]->health().ok) {
    } // it has said so once, which counts when it is slow to say it again
    const std::string text = RawClient(served.address()).ask(request("GET", "/metrics")).body;
    CHECK(sample(text, R"(resourcifier_target_ready{target="stuck"})") == 0);
    CHECK(sample(text, R"(resourcifier_target_ready{target="well"})") == 1);
    release.set_value();
}

TEST_CASE("connections and requests are told as they are at the moment") {
    const TestServer server;
    std::promise<void> go_on;
    server.cluster->behave([&](const Call &) -> Answer {
        go_on.get_future().wait();
        return Success{};
    });
    RawClient busy(server.address());
    busy.send(request("GET", "/configurations/cm/a"));
    server.cluster->wait_for_calls(1);
    RawClient scraper(server.address());
    const std::string text = scraper.ask(request("GET", "/metrics")).body;
    CHECK(sample(text, "resourcifier_http_connections") == 2);
    CHECK(sample(text, "resourcifier_http_requests_in_flight") == 2);
    go_on.set_value();
    busy.read();
    CHECK(sample(scrape(server), R"(resourcifier_http_request_duration_seconds_count{route="metrics"})").has_value());
}

TEST_CASE("what was turned away at a limit is told by its reason, and each reason is there before that") {
    const TestServer server;
    CHECK(sample(server.metrics->text(), R"(resourcifier_http_refused_total{reason="head_time"})") == 0);
    CHECK(sample(server.metrics->text(), R"(resourcifier_http_refused_total{reason="connections"})") == 0);
    RawClient client(server.address());
    CHECK(ask_with_half_a_head(server, client).status == 408);
    REQUIRE(server.server->wait_idle(std::chrono::steady_clock::now() + 1min));
    CHECK(sample(server.metrics->text(), R"(resourcifier_http_refused_total{reason="head_time"})") == 1);
}

TEST_CASE("a client that leaves in mid-body is counted, and nothing is done for it") {
    const TestServer server;
    const std::string whole = request("POST", "/configurations", "", two_resources);
    {
        RawClient client(server.address());
        client.send(whole.substr(0, whole.size() - 10));
        client.close();
    }
    {
        RawClient client(server.address()); // half a head says nothing that could be told
        client.send("GET /liv");
        client.close();
    }
    const auto abandoned = [&] { return sample(server.metrics->text(), "resourcifier_http_abandoned_total"); };
    while (abandoned() != 1) std::this_thread::yield();
    server.server->stop_accepting();
    REQUIRE(server.server->wait_idle(std::chrono::steady_clock::now() + 1min));
    CHECK(abandoned() == 1);
    CHECK(server.cluster->calls().empty());
}
