// SPDX-License-Identifier: Apache-2.0
//
// The limits that all clients share, what they see at each, and how limits change.
#include "drivers/answer.hpp"
#include "http/problem.hpp"
#include "http/report.hpp"
#include "http/sessions.hpp"
#include "http/test_server.hpp"
#include "support/catch.hpp"
#include "support/samples.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <future>
#include <malloc.h>
#include <memory>
#include <thread>
#include <vector>

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::http;
using namespace rsf::http::test;
using namespace std::chrono_literals;
using rsf::test::sample;
namespace json = boost::json;

namespace {

// The cluster answers no call while this is closed.
class Gate {
  public:
    explicit Gate(const TestServer &server) {
        server.cluster->behave([open = opened_.get_future().share()](const Call &) -> Answer {
            open.wait();
            return Success{json::object{{"kind", "Service"}}, 0, {}};
        });
    }
    ~Gate() { open(); }
    void open() {
        if (!std::exchange(is_open_, true)) opened_.set_value();
    }

  private:
    std::promise<void> opened_;
    bool is_open_ = false;
};

std::uint64_t refused(const TestServer &server, std::string_view reason) {
    for (const auto &[name, count] : server.server->refused())
        if (name == reason) return count;
    throw std::runtime_error("there is no reason " + std::string(reason));
}

// Until it is so; a minute at most.
template <class F> bool comes_true(F condition) {
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::yield();
    }
    return true;
}

// form: of a client that sent an Accept, or none.
void check_overloaded(const Reply &reply, std::string_view says, ProblemForm form = ProblemForm::json) {
    CHECK(reply.status == 503);
    CHECK(reply.header("Retry-After") == "2");
    if (form == ProblemForm::json) {
        CHECK(reply.header("Content-Type") == "application/problem+json");
        CHECK(json::parse(reply.body).at("type") == "urn:resourcifier:problem:overloaded");
    } else {
        CHECK(reply.header("Content-Type") == "text/plain; charset=UTF-8");
        CHECK_THAT(reply.body, EndsWith("nothing was done, try again later.\n"));
    }
    CHECK_THAT(reply.body, ContainsSubstring(std::string(says)));
}

// The head of a POST with a body of that size, whose client waits to be asked for it.
std::string expecting_post(std::size_t size) {
    return request("POST", "/configurations", "Expect: 100-continue\r\nContent-Length: " + std::to_string(size) + "\r\n");
}

HttpLimits with(std::size_t HttpLimits::*limit, std::size_t value) {
    HttpLimits limits;
    limits.*limit = value;
    return limits;
}

const std::string ask_alive = request("GET", "/livez");
const std::string ask_targets = request("GET", "/targets");
const std::string post_two = request("POST", "/configurations", "", two_resources);

} // namespace

TEST_CASE("at the limit of connections, the one that has been idle the longest makes place for a new one") {
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

TEST_CASE("a connection that makes place before it asked anything is told so") {
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
    server.cluster->await_calls(1);
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
    if (limits.bodies != 1000) server.cluster->await_calls(1);
    std::vector<std::unique_ptr<RawClient>> probes;
    for (std::size_t i = 0; i < Sessions::reserve + 6; ++i) {
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
    server.cluster->await_calls(1);
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

TEST_CASE("a connection whose head does not come to its end makes place, but only when none is idle") {
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
    server.cluster->await_calls(1);
    CHECK(comes_true([&] { return server.ask(request("GET", "/targets", "Connection: close\r\n")).status == 200; }));
    check_overloaded(slow.read(), "as many connections as it may have", ProblemForm::text);
    CHECK(slow.closed_by_server());
}

TEST_CASE("a connection whose body or answer does not get on makes place, whatever trickles") {
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
        server.cluster->await_calls(1); // it is not idle
        CHECK(others_are_served());
        CHECK_THROWS_WITH(slow.read(), "the answer was cut off");
    }
    CHECK(refused(server, "displaced") == 1);
}

TEST_CASE("among the connections with slow bodies, the one that has got on the least lately makes place") {
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

TEST_CASE("at the limit of requests others are told so before their bodies are read") {
    const TestServer server(with(&HttpLimits::requests, 1));
    Gate gate(server);
    RawClient busy(server.address());
    busy.send(post_two);
    server.cluster->await_calls(1);
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
    server.cluster->await_calls(1);
    const std::string says = "takes as much memory as it may";
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
    check_overloaded(server.ask(request("POST", "/configurations", "", body + "1]}}\n")), "takes as much memory as it may");
    CHECK(refused(server, "bodies") == 1);
    CHECK(server.cluster->calls().empty());
    CHECK(comes_true([&] { return server.ask(post_two).status == 201; })); // what a request had is free just after its answer
}

TEST_CASE("an answer to a read that does not fit is refused; one to a write is not, since that was done") {
    const TestServer server(with(&HttpLimits::bodies, 50'000));
    server.cluster->behave([](const Call &) -> Answer {
        return Success{json::value{{"data", std::string(60'000, 'x')}}, 0, {}};
    });
    check_overloaded(server.ask(request("GET", "/configurations/cm/a")), "takes as much memory as it may");
    CHECK(server.ask(post_two).status == 201);
    server.cluster->behave([](const Call &) -> Answer {
        return Success{json::value{{"data", std::string(40'000, 'x')}}, 0, {}};
    });
    RawClient client(server.address());
    for (int i = 0; i < 5; ++i) CHECK(client.ask(request("GET", "/configurations/cm/a")).status == 200);
}

TEST_CASE("an answer that is text goes through, and one that is written is counted as it grows") {
    const auto budget = std::make_shared<Budget>();
    const Format json_form{Form::json, "application/json"}, yaml_form{Form::yaml, "application/yaml"};
    Success text;
    text.text = R"({"b": 1, "a": [ 2 ]})";
    CHECK(answer_read(Answer(text), json_form).body == R"({"b": 1, "a": [ 2 ]})"
                                                       "\n");

    json::array items;
    for (int i = 0; i < 1000; ++i) items.emplace_back(std::string(200, 'x'));
    const Answer list = Success{json::object{{"items", std::move(items)}}, 0, {}};
    Share small(budget, 100'000), large(budget, 1'000'000);
    const Response refused = answer_read(list, yaml_form, &small);
    CHECK(refused.status == 503);
    CHECK(small.was_refused());
    const Response written = answer_read(list, yaml_form, &large);
    CHECK(written.status == 200);
    CHECK(written.body == answer_read(list, yaml_form).body);
    CHECK(large.amount() + 4096 >= written.body.size());

    // Too large for what there is, and so are many small answers not.
    Share none(budget, 0);
    CHECK(answer_read(Success{json::object{{"a", 1}}, 0, {}}, yaml_form, &none).status == 200);
    const Answer dropped = no_memory();
    CHECK(answer_read(dropped, json_form, &small).status == 503);
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
        server.cluster->await_calls(1);
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
        server.cluster->await_calls(1);
        check_overloaded(server.ask(ask_targets), "as many requests");
    }
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
    for (RawClient *client : {&a, &b, &c}) client->send(post_two);
    server.cluster->await_calls(6); // two each
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
        busy[i]->send(post_two);
        server.cluster->await_calls(2 * i + 2);
    }
    check_overloaded(server.ask(ask_targets), "as many connections");
    gate.open();
    for (const auto &client : busy) CHECK(client->read().status == 201);
}
