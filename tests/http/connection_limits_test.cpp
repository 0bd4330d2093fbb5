// SPDX-License-Identifier: Apache-2.0
//
// The limit of connections: which of them makes place, what it is told, and how the limit changes.
#include "http/limit_checks.hpp"

#include "http/overload/connection_table.hpp"

#include <memory>
#include <vector>

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::http;
using namespace rsf::http::test;
using namespace rsf::api::test;
using namespace std::chrono_literals;
namespace json = boost::json;

TEST_CASE("at the limit of connections, the one that has been idle the longest is evicted for a new one") {
    // With one thread a connection is idle before the next one is let in.
    const TestServer server(with(&HttpLimits::connections, 3), {"127.0.0.1:0"}, silent_log(), 1);
    RawClient a(server.address()), b(server.address()), c(server.address());
    for (RawClient *client : {&b, &a, &c}) CHECK(client->ask(ask_targets).status == 200);
    RawClient d(server.address());
    CHECK(d.ask(ask_targets).status == 200);
    CHECK(b.closed_by_server()); // without a word: it has had its answer
    RawClient e(server.address());
    CHECK(e.ask(ask_targets).status == 200);
    CHECK(a.closed_by_server());
    for (RawClient *client : {&c, &d, &e}) CHECK(client->ask(ask_targets).status == 200);
    CHECK(refused(server, "displaced") == 2);
    CHECK(refused(server, "connections") == 0);
}

TEST_CASE("a connection that is evicted before it asked anything is told so") {
    const TestServer server(with(&HttpLimits::connections, 1), {"127.0.0.1:0"}, silent_log(), 1);
    RawClient silent(server.address());
    RawClient next(server.address());
    CHECK(next.ask(ask_targets).status == 200);
    check_overloaded(silent.read(), "as many connections as it may have", ProblemForm::text);
    CHECK(silent.closed_by_server());
}

TEST_CASE("when every connection is at work, a new one is told so, and whether the daemon is alive is answered all the same") {
    const TestServer server(with(&HttpLimits::connections, 1));
    Gate gate(server);
    RawClient busy(server.address());
    busy.send(post_two);
    server.cluster->wait_for_calls(1);
    for (int i = 0; i < 3; ++i) {
        RawClient probe(server.address());
        const Reply alive = probe.ask(ask_alive);
        CHECK(alive.status == 200);
        CHECK(alive.header("Connection") == "close");
        CHECK(probe.closed_by_server());
        CHECK(server.ask(request("GET", "/healthz")).status == 200);
        RawClient late(server.address());
        const Reply reply = late.ask(ask_targets);
        check_overloaded(reply, "as many connections as it may have");
        CHECK(reply.header("Connection") == "close");
        CHECK(late.closed_by_server());
        // A body is not asked for.
        check_overloaded(server.ask(expecting_post(1000)), "as many connections as it may have");
    }
    CHECK(refused(server, "connections") == 6);
    gate.open();
    CHECK(busy.read().status == 201);
    CHECK(busy.ask(ask_targets).status == 200);
}

TEST_CASE("a probe is answered at once, whatever it says of a body that does not come") {
    HttpLimits limits;
    limits.request_time = 1h;
    SECTION("when every connection is at work") { limits.connections = 1; }
    SECTION("at the limit of requests") { limits.requests = 1; }
    SECTION("at the limit of bodies") { limits.bodies = 1000; }
    const TestServer server(limits);
    Gate gate(server);
    RawClient busy(server.address());
    busy.send(post_two);
    if (limits.bodies != 1000) server.cluster->wait_for_calls(1);
    std::vector<std::unique_ptr<RawClient>> probes;
    for (std::size_t i = 0; i < ConnectionTable::reserve + 6; ++i) {
        for (const char *body : {"Content-Length: 5000\r\n", "Transfer-Encoding: chunked\r\n"}) {
            if (body[0] == 'T' && limits.bodies == 1000) continue; // none of it is known to be too much
            probes.push_back(std::make_unique<RawClient>(server.address()));
            const Reply reply = probes.back()->ask(request("GET", i % 2 == 0 ? "/livez" : "/healthz", body));
            CHECK(reply.status == 200);
            CHECK(reply.header("Connection") == "close");
            CHECK(probes.back()->closed_by_server());
        }
    }
}

TEST_CASE("new connections beyond the reserve take the place of those that have waited there the longest") {
    const TestServer server(with(&HttpLimits::connections, 1));
    Gate gate(server);
    RawClient busy(server.address());
    busy.send(post_two);
    server.cluster->wait_for_calls(1);
    std::vector<std::unique_ptr<RawClient>> silent;
    for (int i = 0; i < 200; ++i) silent.push_back(std::make_unique<RawClient>(server.address()));
    CHECK(server.ask(ask_alive).status == 200);
    for (int i = 0; i < 100; ++i) {
        check_overloaded(silent[static_cast<std::size_t>(i)]->read(), "as many connections as it may have", ProblemForm::text);
        CHECK(silent[static_cast<std::size_t>(i)]->closed_by_server());
    }
    gate.open();
    CHECK(busy.read().status == 201);
}

TEST_CASE("a connection whose head does not come to its end is evicted, but only when none is idle") {
    HttpLimits limits = with(&HttpLimits::connections, 2);
    limits.header_time = 1h;
    const TestServer server(limits, {"127.0.0.1:0"}, silent_log(), 1); // one thread, as above
    RawClient slow(server.address());
    slow.send("GET /healthz HTTP/1.1\r\n");
    RawClient idle(server.address());
    CHECK(idle.ask(ask_targets).status == 200);
    RawClient third(server.address());
    REQUIRE(third.ask(ask_targets).status == 200);
    CHECK(idle.closed_by_server());
    Gate gate(server);
    third.send(post_two);
    server.cluster->wait_for_calls(1);
    CHECK(comes_true([&] { return server.ask(request("GET", "/targets", "Connection: close\r\n")).status == 200; }));
    check_overloaded(slow.read(), "as many connections as it may have", ProblemForm::text);
    CHECK(slow.closed_by_server());
}

TEST_CASE("a connection whose body or answer does not get on is evicted, whatever trickles") {
    HttpLimits limits = with(&HttpLimits::connections, 1);
    limits.request_time = limits.response_time = limits.idle_time = 1h;
    const TestServer server(limits);
    // More than the system takes for a client that does not read.
    server.cluster->behave([](const Call &) -> Answer {
        return Success{json::value{{"data", std::string(30'000'000, 'x')}}, 0, {}};
    });
    RawClient slow(server.address());
    const auto others_are_served = [&] {
        return comes_true([&] {
            slow.try_send("#");
            return server.ask(request("GET", "/targets", "Connection: close\r\n")).status == 200;
        });
    };
    SECTION("a body") {
        slow.send(expecting_post(1'000'000));
        CHECK(slow.read().status == 100);
        CHECK(others_are_served());
        check_overloaded(slow.read(), "as many connections as it may have");
        CHECK(slow.closed_by_server());
    }
    SECTION("an answer") {
        slow.send(request("GET", "/configurations/cm/a", "Accept: application/json\r\n"));
        server.cluster->wait_for_calls(1); // it is not idle
        CHECK(others_are_served());
        CHECK_THROWS_WITH(slow.read(), "the answer was cut off");
    }
    CHECK(refused(server, "displaced") == 1);
}

TEST_CASE("among the connections with slow bodies, the one that has got on the least lately is evicted") {
    HttpLimits limits = with(&HttpLimits::connections, 2);
    limits.request_time = 1h;
    const TestServer server(limits);
    RawClient steady(server.address()), slow(server.address());
    for (RawClient *client : {&steady, &slow}) {
        client->send(expecting_post(8'000'000));
        CHECK(client->read().status == 100);
    }
    steady.send(std::string(7'999'999, '#')); // more than fits in between: some of it has been read then
    CHECK(comes_true([&] { return server.ask(request("GET", "/targets", "Connection: close\r\n")).status == 200; }));
    check_overloaded(slow.read(), "as many connections as it may have");
    steady.send("#");
    CHECK(steady.read().status == 400); // it is read to its end
}

TEST_CASE("connections that are idle heed new limits at once") {
    HttpLimits limits;
    limits.idle_time = 1h;
    const TestServer server(limits);
    RawClient a(server.address()), b(server.address()), c(server.address());
    for (RawClient *client : {&a, &b, &c}) CHECK(client->ask(ask_alive).status == 200);
    SECTION("the time that they may be idle") {
        limits.idle_time = 20ms;
        server.server->replace(limits);
        for (RawClient *client : {&a, &b, &c}) CHECK(client->closed_by_server());
    }
    SECTION("how many there may be") {
        limits.connections = 1;
        server.server->replace(limits);
        CHECK(comes_true([&] { return refused(server, "displaced") == 2; }));
        int open = 0;
        for (RawClient *client : {&a, &b, &c}) open += client->try_send(ask_alive) && client->read().status == 200;
        CHECK(open == 1);
    }
}

TEST_CASE("connections that are at work when the limit goes down finish that, and then go until there are no more than it") {
    const TestServer server;
    Gate gate(server);
    RawClient a(server.address()), b(server.address()), c(server.address());
    int number = 0;
    for (RawClient *client : {&a, &b, &c}) client->send(post_two_of(++number));
    server.cluster->wait_for_calls(6); // two each
    HttpLimits limits;
    limits.connections = 1;
    server.server->replace(limits);
    CHECK(refused(server, "displaced") == 0);
    gate.open();
    for (RawClient *client : {&a, &b, &c}) CHECK(client->read().status == 201);
    CHECK(comes_true([&] { return refused(server, "displaced") == 2; }));
    int open = 0;
    for (RawClient *client : {&a, &b, &c}) open += client->try_send(ask_alive) && client->read().status == 200;
    CHECK(open == 1);
}

TEST_CASE("a server that was at its limit of connections serves as many again once they are gone") {
    const TestServer server(with(&HttpLimits::connections, 4));
    for (int round = 0; round < 5; ++round) {
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<RawClient>(server.address()));
        clients.clear();
    }
    std::vector<std::unique_ptr<RawClient>> busy;
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(comes_true([&] { // as soon as the server has seen that the others are gone
            busy.resize(i);
            busy.push_back(std::make_unique<RawClient>(server.address()));
            return busy.back()->ask(ask_targets).status == 200;
        }));
    }
    Gate gate(server);
    for (std::size_t i = 0; i < 4; ++i) {
        busy[i]->send(post_two_of(static_cast<int>(i)));
        server.cluster->wait_for_calls(2 * i + 2);
    }
    check_overloaded(server.ask(ask_targets), "as many connections");
    gate.open();
    for (const auto &client : busy) CHECK(client->read().status == 201);
}
