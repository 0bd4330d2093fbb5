// SPDX-License-Identifier: Apache-2.0
//
// Connections: what one socket sees.
#include "http/test_server.hpp"
#include "support/catch.hpp"
#include "support/log_lines.hpp"

#include <boost/json/parse.hpp>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::http;
using namespace rsf::http::test;
using namespace rsf::api::test;
using namespace std::chrono_literals;
using rsf::test::Lines;
namespace json = boost::json;

TEST_CASE("healthz answers over a socket") {
    const TestServer server;
    const Reply reply = server.ask(request("GET", "/healthz"));
    CHECK(reply.status == 200);
    CHECK(reply.body == "OK");
    CHECK_THAT(reply.header("Server"), StartsWith("resourcifierd/"));
    CHECK_THAT(reply.header("Date"), EndsWith(" GMT"));
    CHECK(reply.header("X-Request-Id").size() == 32);
    CHECK_FALSE(reply.has_header("Connection"));
}

TEST_CASE("a configuration is posted, read and deleted on one connection") {
    const TestServer server;
    RawClient client(server.address());
    const Reply posted = client.ask(request("POST", "/configurations", "Content-Type: application/json\r\n", two_resources));
    CHECK(posted.status == 201);
    CHECK(posted.header("Content-Type") == "application/x-yaml; charset=UTF-8");
    CHECK_THAT(posted.body, ContainsSubstring("status: Created"));
    const Reply got = client.ask(request("GET", "/configurations/Service/front", "Accept: application/json\r\n"));
    CHECK(got.status == 200);
    CHECK(json::parse(got.body).at("metadata").at("name") == "front");
    const Reply gone = client.ask(request("DELETE", "/configurations", "", two_resources));
    CHECK(gone.status == 204);
    CHECK_FALSE(gone.has_header("Content-Length"));
    CHECK_FALSE(gone.has_header("Content-Type"));
    CHECK(client.ask(request("GET", "/healthz")).status == 200);
    CHECK(server.cluster->calls().size() == 5);
}

TEST_CASE("HEAD answers what GET would, without the body") {
    const TestServer server;
    RawClient client(server.address());
    for (const char *path : {"/healthz", "/targets", "/targets/prod", "/configurations/cm", "/configurations/cm/a"}) {
        INFO(path);
        client.send(request("HEAD", path));
        const Reply head = client.read(true);
        const Reply get = client.ask(request("GET", path));
        CHECK(head.status == 200);
        CHECK(head.header("Content-Length") == std::to_string(get.body.size()));
        CHECK(head.header("Content-Type") == get.header("Content-Type"));
    }
    client.send(request("HEAD", "/nope"));
    CHECK(client.read(true).status == 404);
    CHECK(client.ask(request("GET", "/healthz")).status == 200);
}

TEST_CASE("requests that are sent at once are answered one after another") {
    const TestServer server;
    RawClient client(server.address());
    std::string many;
    for (int i = 0; i < 500; ++i)
        many += i % 3 == 0 ? request("POST", "/configurations", "X-Request-Id: n" + std::to_string(i) + "\r\n", two_resources)
                           : request("GET", "/configurations/cm/a", "X-Request-Id: n" + std::to_string(i) + "\r\n");
    std::thread sender([&] { client.send(many); });
    for (int i = 0; i < 500; ++i) {
        const Reply reply = client.read();
        REQUIRE(reply.status == (i % 3 == 0 ? 201 : 200));
        REQUIRE(reply.header("X-Request-Id") == "n" + std::to_string(i));
    }
    sender.join();
}

TEST_CASE("a client that closes its sending half still gets the answers to all it sent") {
    const TestServer server;
    RawClient client(server.address());
    client.send(request("GET", "/healthz") + request("GET", "/healthz") + request("POST", "/configurations", "", two_resources));
    client.shutdown_send();
    CHECK(client.read().status == 200);
    CHECK(client.read().status == 200);
    CHECK(client.read().status == 201);
    CHECK(client.closed_by_server());
}

TEST_CASE("connections are kept or closed as both sides say") {
    struct Row {
        const char *name;
        std::string bytes;
        bool kept;
        const char *connection;
    };
    const Row rows[] = {
        {"HTTP/1.1", request("GET", "/healthz"), true, ""},
        {"HTTP/1.1 that closes", request("GET", "/healthz", "Connection: close\r\n"), false, "close"},
        {"close in a list", request("GET", "/healthz", "Connection: te, Close\r\n"), false, "close"},
        {"HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", false, "close"},
        {"HTTP/1.0 that stays", "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true, "keep-alive"},
        {"a 404", request("GET", "/nope"), true, ""},
        {"a request with a body that was not read", request("POST", "/nope", "", "abc"), false, "close"},
    };
    const TestServer server;
    for (const Row &row : rows) {
        INFO(row.name);
        RawClient client(server.address());
        CHECK(client.ask(row.bytes).header("Connection") == row.connection);
        if (row.kept)
            CHECK(client.ask(request("GET", "/healthz")).status == 200);
        else
            CHECK(client.closed_by_server());
    }
}

TEST_CASE("the last answer arrives whole, whatever the client has sent after its request") {
    const TestServer server;
    server.cluster->behave([](const Call &) -> Answer {
        return Success{json::value{{"data", std::string(10'000'000, 'x')}}, 0, {}};
    });
    RawClient client(server.address());
    client.send(request("GET", "/configurations/cm/a", "Accept: application/json\r\nConnection: close\r\n"));
    client.send(std::string(100'000, '#'));
    const Reply reply = client.read();
    CHECK(reply.status == 200);
    CHECK(reply.body.size() > 10'000'000);
    CHECK(client.closed_by_server());
}

TEST_CASE("a request for a host that this machine is not is refused, unless the settings name it") {
    const TestServer server;
    const auto ask_for = [&](const std::string &host, const std::string &method = "GET") {
        return server.ask(method + " /targets HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 0\r\n\r\n");
    };
    const std::string port = server.address().substr(server.address().find(':'));
    for (const char *host : {"localhost", "127.0.0.1", "[::1]"}) CHECK(ask_for(host + port).status == 200);
    const Reply refused = ask_for("evil.example" + port);
    CHECK(refused.status == 421);
    CHECK_THAT(refused.body, ContainsSubstring("'hosts' in the settings"));
    CHECK(ask_for("evil.example", "OPTIONS").status == 421);
    CHECK(server.ask("GET http://evil.example/targets HTTP/1.1\r\nHost: evil.example\r\n\r\n").status == 421);
    server.server->replace_hosts({"evil.example"});
    CHECK(ask_for("evil.example" + port).status == 200);
}

TEST_CASE("a page of another origin changes nothing, and is told nothing that a browser would show it") {
    const TestServer server;
    for (const char *sign : {"Sec-Fetch-Site: cross-site\r\n", "Origin: https://evil.example\r\n", "Origin: null\r\n"}) {
        INFO(sign);
        CHECK(server.ask(request("POST", "/configurations", sign, two_resources)).status == 403);
        CHECK(server.ask(request("DELETE", "/configurations", sign, two_resources)).status == 403);
        for (const char *method : {"OPTIONS", "GET"})
            CHECK_THAT(server.ask(request(method, "/targets", sign)).head, !ContainsSubstring("Access-Control"));
    }
    // What a page can send anywhere without being asked: a body without a label, as text, as a form.
    for (const char *label : {"Content-Type:\r\n", "Content-Type: text/plain\r\n", "Content-Type: multipart/form-data\r\n"})
        CHECK(server.ask(request("POST", "/configurations", label, two_resources)).status == 415);
    CHECK(server.cluster->calls().empty());
    const std::string own = "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n";
    CHECK(server.ask(request("POST", "/configurations", own, two_resources)).status == 201);
}

TEST_CASE("a head that is ambiguous is answered at once, and the connection closes") {
    struct Row {
        const char *name;
        std::string bytes;
        int status;
    };
    // head_test.cpp has them all; these are here to see that the connection obeys.
    const Row rows[] = {
        {"a first line without protocol", "GET / \r\n\r\n", 400},
        {"a bare LF", "GET /healthz HTTP/1.1\nHost: x\n\n", 400},
        {"a length with chunked",
         "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400},
        {"a scheme for a target", "GET http HTTP/1.1\r\nHost: h:80\r\n\r\n", 400},
        {"a second request that is bad", request("GET", "/healthz").substr(0, 4) + "\x01", 400},
        {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"a long target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n", 414},
        {"a large head", "GET / HTTP/1.1\r\nX-A: " + std::string(20000, 'a'), 431},
        {"a value that the parser refuses", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: ,;,\r\n\r\n", 400},
    };
    const TestServer server;
    for (const Row &row : rows) {
        INFO(row.name);
        RawClient client(server.address());
        const Reply reply = client.ask(row.bytes);
        CHECK(reply.status == row.status);
        CHECK(reply.header("Content-Type") == "text/plain; charset=UTF-8");
        CHECK(reply.header("Connection") == "close");
        CHECK(client.closed_by_server());
    }
}

TEST_CASE("a request's id is echoed, and is in the log line with what was asked and answered") {
    const Lines lines;
    {
        lines.log->set_level(spdlog::level::debug);
        const TestServer server({}, {"127.0.0.1:0"}, lines.log);
        CHECK(server.ask(request("GET", "/healthz?token=hidden", "X-Request-Id: my-id\r\n")).header("X-Request-Id") == "my-id");
        CHECK(server.ask(request("GET", "/nope%0a", "X-Request-Id: not one\r\n")).header("X-Request-Id") != "not one");
        CHECK(server.ask("GET / \r\n\r\n").status == 400);
        CHECK(server.ask(request("GET", "/configurations/ConfigMap/a", "X-Request-Id: read\r\n")).status == 200);
        CHECK(server.ask(request("GET", "/targets/prod/configurations/ConfigMap", "X-Request-Id: list\r\n")).status == 200);
        CHECK(server.ask(request("POST", "/configurations", "X-Request-Id: write\r\n", two_resources)).status == 201);
        CHECK(server.ask(request("GET", "/targets/prod", "X-Request-Id: target\r\n")).status == 200);
        server.server->stop_accepting();
        CHECK(server.server->wait_idle(std::chrono::steady_clock::now() +
                                       std::chrono::minutes(1))); // a line is logged after its answer
    }
    CHECK_THAT(lines.text(), ContainsSubstring("request=my-id method=GET path=/healthz status=200 bytes=2 duration_ms="));
    CHECK_THAT(lines.text(), ContainsSubstring("target=prod request=read operation=get method=GET"));
    CHECK_THAT(lines.text(), ContainsSubstring("target=prod request=list operation=list method=GET"));
    CHECK_THAT(lines.text(), ContainsSubstring("target=prod request=write operation=create method=POST"));
    CHECK_THAT(lines.text(), ContainsSubstring("target=prod request=target method=GET"));
    CHECK_THAT(lines.text(), ContainsSubstring("path=/nope%0a status=400"));
    CHECK_THAT(lines.text(), ContainsSubstring("method=- status=400"));
    CHECK_THAT(lines.text(), ContainsSubstring("client=127.0.0.1:"));
    CHECK_THAT(lines.text(), !ContainsSubstring("hidden"));
}

TEST_CASE("probes and scrapes that go well have no line in the log, unless it is to tell everything") {
    const Lines lines;
    {
        const TestServer server({}, {"127.0.0.1:0"}, lines.log);
        for (const char *path : {"/livez", "/healthz", "/targets/prod/healthz", "/readyz?verbose", "/metrics"})
            CHECK(server.ask(request("GET", path)).status == 200);
        CHECK(server.ask(request("GET", "/targets")).status == 200);
        CHECK(server.ask(request("GET", "/targets/nope/readyz")).status == 404);
        server.server->stop_accepting();
        CHECK(server.server->wait_idle(std::chrono::steady_clock::now() + 60s));
    }
    const std::string text = lines.text();
    CHECK_THAT(text, ContainsSubstring("path=/targets status=200"));
    CHECK_THAT(text, ContainsSubstring("path=/targets/nope/readyz status=404"));
    for (const char *path : {"path=/livez", "path=/healthz", "path=/targets/prod/healthz", "path=/readyz", "path=/metrics"})
        CHECK_THAT(text, !ContainsSubstring(path));
}

TEST_CASE("a client that is too slow is cut off") {
    HttpLimits limits;
    SECTION("with a head that never ends") {
        const TestServer server;
        RawClient client(server.address());
        CHECK(ask_with_half_a_head(server, client).status == 408);
        CHECK(client.closed_by_server());
    }
    SECTION("with a body that never ends") {
        limits.request_time = 20ms;
        const TestServer server(limits);
        RawClient client(server.address());
        CHECK(
            client
                .ask("POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nContent-Length: 5\r\n\r\nab")
                .status == 408);
        CHECK(client.closed_by_server());
    }
    SECTION("that sends nothing") {
        limits.header_time = 20ms;
        const TestServer server(limits);
        RawClient client(server.address());
        CHECK(client.closed_by_server());
    }
    SECTION("that has no further request") {
        limits.idle_time = 20ms;
        const TestServer server(limits);
        RawClient client(server.address());
        CHECK(client.ask(request("GET", "/healthz")).status == 200);
        CHECK(client.closed_by_server());
    }
    SECTION("that does not read its answer") {
        limits.idle_time = 20ms;
        const TestServer server(limits);
        server.cluster->behave([](const Call &) -> Answer { return Success{json::value(std::string(16u << 20, 'x')), 0, {}}; });
        RawClient client(server.address());
        client.send(request("GET", "/configurations/cm/a", "Accept: application/json\r\n"));
        server.cluster->wait_for_calls(1);
        CHECK(server.server->wait_idle(std::chrono::steady_clock::now() + 60s));
    }
}

TEST_CASE("a client that goes away stops its read") {
    const TestServer server;
    std::promise<bool> stopped;
    server.cluster->behave([&](const Call &call) -> Answer {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any asked;
        asked.wait_for(lock, call.stop, 60s, [] { return false; });
        stopped.set_value(call.stop.stop_requested());
        return Failure{Code::cancelled, "stopped", {}, {}, nullptr};
    });
    RawClient client(server.address());
    SECTION("by itself") { client.send(request("GET", "/configurations/cm/a")); }
    SECTION("with a further request sent already") {
        client.send(request("GET", "/configurations/cm/a") + request("GET", "/healthz"));
    }
    server.cluster->wait_for_calls(1);
    client.close();
    CHECK(stopped.get_future().get());
}

TEST_CASE("a client that goes away stops no write: every resource is still done") {
    const TestServer server;
    std::promise<void> go_on;
    server.cluster->behave([&](const Call &call) -> Answer {
        if (call.name == "front") go_on.get_future().wait();
        return Success{{{"kind", "T"}}, 0, {}};
    });
    RawClient client(server.address());
    client.send(request("POST", "/configurations", "",
                        "resources:\n"
                        "- {name: front, type: T, properties: {a: 1}}\n"
                        "- {name: back, type: T, properties: {x: $(ref.front.kind)}}\n"));
    server.cluster->wait_for_calls(1);
    client.close();
    CHECK(server.ask(request("GET", "/healthz")).status == 200);
    go_on.set_value();
    server.cluster->wait_for_calls(2);
    CHECK(server.server->wait_idle(std::chrono::steady_clock::now() + 60s));
    for (const Call &call : server.cluster->calls()) CHECK_FALSE(call.stop.stop_requested());
}

TEST_CASE("a request that is under way while the server goes down is told that it is not ready, but alive") {
    const TestServer server;
    const auto [path, status] = GENERATE(table<std::string, int>({{"/readyz", 503}, {"/livez", 200}}));
    RawClient client(server.address());
    client.send(request("GET", path, "Expect: 100-continue\r\nContent-Length: 1\r\n"));
    CHECK(client.read(true).status == 100); // its head was read
    server.server->stop_accepting();
    CHECK(client.ask("x").status == status);
    CHECK(client.closed_by_server());
}
