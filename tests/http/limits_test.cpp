// SPDX-License-Identifier: Apache-2.0
//
// The limits of requests, bodies and time that all clients share, what they see at each, and how limits change.
#include "http/limit_checks.hpp"

#include "support/samples.hpp"

#include <malloc.h>
#include <memory>
#include <vector>

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::http;
using namespace rsf::http::test;
using namespace rsf::api::test;
using namespace std::chrono_literals;
using rsf::test::sample;
namespace json = boost::json;

TEST_CASE("at the limit of requests others are told so before their bodies are read") {
    const TestServer server(with(&HttpLimits::requests, 1));
    Gate gate(server);
    RawClient busy(server.address());
    busy.send(post_two);
    server.cluster->wait_for_calls(1);
    RawClient other(server.address());
    check_overloaded(other.ask(ask_targets), "as many requests under way as it may have");
    CHECK(other.ask(ask_alive).status == 200); // it stays open
    check_overloaded(server.ask(expecting_post(1000)), "as many requests under way as it may have");
    check_overloaded(server.ask(post_two), "as many requests under way as it may have");
    CHECK(refused(server, "requests") == 3);
    const Reply metrics = other.ask(request("GET", "/metrics"));
    CHECK(metrics.status == 200);
    CHECK(sample(metrics.body, R"(resourcifier_http_refused_total{reason="requests"})") == 3);
    CHECK(server.cluster->calls().size() <= 2); // the first one's
    gate.open();
    CHECK(busy.read().status == 201);
    CHECK(other.ask(ask_targets).status == 200);
    CHECK(server.ask(post_two).status == 201);
}

TEST_CASE("bodies that do not fit beside the others are refused, before they are read or as they come") {
    const TestServer server(with(&HttpLimits::bodies, 20'000));
    Gate gate(server);
    RawClient busy(server.address());
    busy.send(post_two); // takes less than 10,000 and more than 100
    server.cluster->wait_for_calls(1);
    const std::string says = "take as much memory as";
    check_overloaded(server.ask(expecting_post(19'900)), says);
    RawClient fits(server.address());
    fits.send(expecting_post(10'000));
    CHECK(fits.read().status == 100);
    RawClient grows(server.address());
    grows.send("POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nAccept: */*\r\nTransfer-Encoding: "
               "chunked\r\n\r\n4e20\r\n");
    grows.try_send(std::string(20'000, '#') + "\r\n1\r\n");
    const Reply reply = grows.read();
    check_overloaded(reply, says);
    CHECK(reply.header("Connection") == "close");
    CHECK(server.ask(ask_alive).status == 200);
    CHECK(refused(server, "bodies") == 2);
    gate.open();
    CHECK(busy.read().status == 201);
    // All of it is given back, just after the answers.
    CHECK(comes_true([&] {
        RawClient whole(server.address());
        whole.send(expecting_post(20'000));
        return whole.read().status == 100;
    }));
}

TEST_CASE("bodies that do not come take little memory") {
    constexpr std::size_t clients = 200;
    const TestServer server;
    std::vector<std::unique_ptr<RawClient>> slow;
    for (std::size_t i = 0; i < clients; ++i) slow.push_back(std::make_unique<RawClient>(server.address()));
    CHECK(server.ask(ask_targets).status == 200);
    const std::size_t before = mallinfo2().uordblks;
    for (const auto &client : slow) {
        client->send(expecting_post(100'000));
        CHECK(client->read().status == 100);
        client->send("#");
    }
    CHECK(server.ask(ask_targets).status == 200);
    CHECK(mallinfo2().uordblks < before + clients * 32'000);
}

TEST_CASE("a body whose values take more than there is for all is refused, and nothing is done") {
    const TestServer server(with(&HttpLimits::bodies, 4'000));
    std::string body = "resources:\n- {name: a, type: Service, properties: {a: [";
    for (int i = 0; i < 1000; ++i) body += "1,";
    check_overloaded(server.ask(request("POST", "/configurations", "", body + "1]}}\n")), "take as much memory as");
    CHECK(refused(server, "bodies") == 1);
    CHECK(server.cluster->calls().empty());
    CHECK(comes_true([&] { return server.ask(post_two).status == 201; })); // what a request had is free just after its answer
}

TEST_CASE("an answer to a read that does not fit is refused; one to a write is not, since that was done") {
    const TestServer server(with(&HttpLimits::bodies, 50'000));
    server.cluster->behave([](const Call &) -> Answer {
        return Success{json::value{{"data", std::string(60'000, 'x')}}, 0, {}};
    });
    check_overloaded(server.ask(request("GET", "/configurations/cm/a")), "take as much memory as");
    CHECK(server.ask(post_two).status == 201);
    server.cluster->behave([](const Call &) -> Answer {
        return Success{json::value{{"data", std::string(40'000, 'x')}}, 0, {}};
    });
    RawClient client(server.address());
    const auto reads = [&] { return client.ask(request("GET", "/configurations/cm/a")).status == 200; };
    CHECK(comes_true(reads)); // what the write had is free just after its answer
    for (int i = 0; i < 5; ++i) CHECK(reads());
}

TEST_CASE("a client that does not read its answer in time is cut off") {
    HttpLimits limits;
    limits.response_time = 200ms;
    const TestServer server(limits);
    // More than the system takes for a client that does not read.
    server.cluster->behave([](const Call &) -> Answer {
        return Success{json::value{{"data", std::string(30'000'000, 'x')}}, 0, {}};
    });
    RawClient client(server.address());
    client.send(request("GET", "/configurations/cm/a", "Accept: application/json\r\n"));
    CHECK(comes_true([&] { return refused(server, "response_time") == 1; }));
    CHECK_THROWS_WITH(client.read(), "the answer was cut off");
    CHECK(server.ask(ask_alive).status == 200);
}

TEST_CASE("a server that goes down does not wait for slow clients") {
    HttpLimits limits;
    limits.header_time = limits.request_time = limits.response_time = limits.idle_time = 1h;
    const TestServer server(limits);
    server.cluster->behave([](const Call &) -> Answer {
        return Success{json::value{{"data", std::string(30'000'000, 'x')}}, 0, {}};
    });
    RawClient slow(server.address());
    SECTION("with a head") { slow.send("GET /targets HTTP/1.1\r\nA: "); }
    SECTION("with a body") {
        slow.send(expecting_post(1'000'000));
        CHECK(slow.read().status == 100);
    }
    SECTION("with an answer") {
        slow.send(request("GET", "/configurations/cm/a", "Accept: application/json\r\n"));
        server.cluster->wait_for_calls(1);
    }
    server.server->stop_accepting();
    CHECK(comes_true([&] {
        slow.try_send("x");
        return server.server->wait_idle(std::chrono::steady_clock::now() + 50ms);
    }));
}

TEST_CASE("clients that are cut off for being slow are counted") {
    SECTION("with a head") {
        const TestServer server;
        RawClient client(server.address());
        CHECK(ask_with_half_a_head(server, client).status == 408);
        CHECK(refused(server, "head_time") == 1);
    }
    SECTION("with a body") {
        HttpLimits limits;
        limits.request_time = 20ms;
        const TestServer server(limits);
        CHECK(
            server
                .ask("POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nContent-Length: 5\r\n\r\nab")
                .status == 408);
        CHECK(refused(server, "request_time") == 1);
    }
}

TEST_CASE("new limits are for requests that begin from then on; those under way keep theirs") {
    const TestServer server;
    RawClient client(server.address());
    client.send(expecting_post(two_resources.size()));
    REQUIRE(client.read().status == 100);
    HttpLimits limits;
    SECTION("the body") {
        limits.body = 10;
        server.server->replace(limits);
        client.send(two_resources);
        CHECK(client.read().status == 201);
        CHECK(client.ask(post_two).status == 413);
    }
    SECTION("what it may hold") {
        limits.parse.resources = 1;
        server.server->replace(limits);
        client.send(two_resources);
        CHECK(client.read().status == 201);
        const Reply reply = client.ask(post_two);
        CHECK(reply.status == 400);
        CHECK_THAT(reply.body, ContainsSubstring("resources"));
    }
    SECTION("the head") {
        limits.header_count = 2;
        server.server->replace(limits);
        client.send(two_resources);
        CHECK(client.read().status == 201);
        CHECK(client.ask(request("GET", "/healthz", "A: b\r\nC: d\r\n")).status == 431);
    }
    SECTION("requests") {
        limits.requests = 1;
        server.server->replace(limits);
        Gate gate(server);
        client.send(two_resources);
        server.cluster->wait_for_calls(1);
        check_overloaded(server.ask(ask_targets), "as many requests");
    }
}
