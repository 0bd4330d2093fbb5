// SPDX-License-Identifier: Apache-2.0
//
// Bodies of requests over a socket: their framing, their size and 100 Continue.
#include "http/test_server.hpp"
#include "support/catch.hpp"

using namespace rsf::base;
using namespace rsf::http;
using namespace rsf::http::test;

TEST_CASE("a chunked body is read like any other") {
    const TestServer server;
    std::string body;
    for (std::size_t i = 0; i < two_resources.size(); i += 7) {
        const auto piece = two_resources.substr(i, 7);
        body += std::to_string(piece.size()) + ";note=\"a\"\r\n" + std::string(piece) + "\r\n";
    }
    RawClient client(server.address());
    client.send(
        "POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nTransfer-Encoding: Chunked\r\n\r\n");
    for (const char c : body + "0\r\n\r\n") client.send({&c, 1});
    CHECK(client.read().status == 201);
    CHECK(client.ask(request("GET", "/healthz")).status == 200);
}

TEST_CASE("100 Continue is said when the head is good, and only then") {
    const TestServer server;
    const std::string expect = "Expect: 100-continue\r\nContent-Length: " + std::to_string(two_resources.size()) + "\r\n";
    SECTION("a good head") {
        RawClient client(server.address());
        client.send(request("POST", "/configurations", expect));
        CHECK(client.read().status == 100);
        client.send(two_resources);
        CHECK(client.read().status == 201);
    }
    SECTION("a body that did not wait") {
        RawClient client(server.address());
        CHECK(client.ask(request("POST", "/configurations", expect) + std::string(two_resources)).status == 201);
    }
    SECTION("a label that is refused") {
        CHECK(server.ask(request("POST", "/configurations", expect + "Content-Type: text/plain\r\n")).status == 415);
    }
    SECTION("a path that leads nowhere") { CHECK(server.ask(request("POST", "/nope", expect)).status == 404); }
    SECTION("a body that is too large") {
        CHECK(server.ask(request("POST", "/configurations", "Expect: 100-continue\r\nContent-Length: 99999999\r\n")).status ==
              413);
    }
    SECTION("HTTP/1.0 knows no 100") {
        RawClient client(server.address());
        client.send("POST /configurations HTTP/1.0\r\nContent-Type: text/yaml\r\n" + expect + "\r\n" +
                    std::string(two_resources));
        CHECK(client.read().status == 201);
    }
    SECTION("another expectation") { CHECK(server.ask(request("GET", "/healthz", "Expect: the-unexpected\r\n")).status == 417); }
}

TEST_CASE("a body that is too large is refused, by its length or as it comes") {
    HttpLimits limits;
    limits.body = 1000;
    const TestServer server(limits);
    const std::string large(1001, '#');
    CHECK(server.ask(request("POST", "/configurations", "", large)).status == 413);
    CHECK(server
              .ask("POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nTransfer-Encoding: "
                   "chunked\r\n\r\n3e9\r\n" +
                   large + "\r\n0\r\n\r\n")
              .status == 413);
    CHECK(server
              .ask("POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nTransfer-Encoding: "
                   "chunked\r\n\r\nffffffffffffffff\r\n")
              .status == 413);
    CHECK(server.ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\n\r\n").status == 413);
    // A client that goes on sending gets the answer all the same.
    RawClient client(server.address());
    client.send("POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nContent-Length: 4000000\r\n\r\n");
    client.try_send(std::string(4'000'000, '#'));
    CHECK(client.read().status == 413);
    CHECK(server.cluster->calls().empty());
}

TEST_CASE("a body that is not well framed is refused and the connection closes") {
    struct Row {
        const char *name;
        const char *body;
    };
    const Row rows[] = {
        {"no size", "\r\nabc\r\n0\r\n\r\n"},
        {"a size that is not hexadecimal", "xyz\r\nabc\r\n0\r\n\r\n"},
        {"a negative size", "-3\r\nabc\r\n0\r\n\r\n"},
        {"a size with 0x", "0x3\r\nabc\r\n0\r\n\r\n"},
        {"a size with an underscore", "1_0\r\n"},
        {"a space before the size", " 3\r\nabc\r\n0\r\n\r\n"},
        {"a space after the size", "3 \r\nabc\r\n0\r\n\r\n"},
        {"a size that fits no number", "fffffffffffffffff\r\nabc\r\n"},
        {"a size that ends with LF", "3\nabc\r\n0\r\n\r\n"},
        {"a size that ends with CR", "3\rabc\r\n0\r\n\r\n"},
        {"a chunk that is longer than its size", "3\r\nabcd\r\n0\r\n\r\n"},
        {"a chunk that ends with LF", "3\r\nabc\n0\r\n\r\n"},
        {"a chunk without an end", "3\r\nabc0\r\n\r\n"},
        {"an extension without a name", "3;\r\nabc\r\n0\r\n\r\n"},
        {"an extension with a bare LF", "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"},
        {"an extension with a NUL's place taken by a control character", "3;a=\x01\r\nabc\r\n0\r\n\r\n"},
        {"a trailer that ends with LF", "3\r\nabc\r\n0\r\n\n"},
        {"a trailer that is no field", "3\r\nabc\r\n0\r\nabc\r\n\r\n"},
        {"a folded trailer", "3\r\nabc\r\n0\r\nX-A: b\r\n c\r\n\r\n"},
    };
    const TestServer server;
    for (const Row &row : rows) {
        INFO(row.name);
        RawClient client(server.address());
        const Reply reply = client.ask(std::string("POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                                   "text/yaml\r\nTransfer-Encoding: chunked\r\n\r\n") +
                                       row.body);
        CHECK(reply.status == 400);
        CHECK(reply.header("Content-Type") == "text/plain; charset=UTF-8");
        CHECK(reply.header("Connection") == "close");
        CHECK(client.closed_by_server());
    }
    RawClient endless(server.address());
    endless.send(
        "POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nTransfer-Encoding: chunked\r\n\r\n3;");
    endless.try_send(std::string(200'000, 'a'));
    CHECK(endless.read().status == 400);
    CHECK(server.cluster->calls().empty());
}

TEST_CASE("bad framing is 400 before anything else that is wrong, where it has come with the head") {
    const TestServer server;
    const Reply reply =
        server.ask("POST /configurations HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{qxz}\r\n0\r\n\n");
    CHECK(reply.status == 400);
    CHECK_THAT(reply.body, ContainsSubstring("bare line feed"));
    CHECK(server.cluster->calls().empty());
}

TEST_CASE("a trailer is dropped, and the next request is answered") {
    const TestServer server;
    RawClient client(server.address());
    const std::string chunk(two_resources);
    char size[16];
    std::snprintf(size, sizeof size, "%zx", chunk.size());
    client.send("POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nTransfer-Encoding: "
                "chunked\r\nTrailer: X-A\r\n\r\n" +
                std::string(size) + ";a=b\r\n" + chunk + "\r\n0\r\nX-A: b\r\nContent-Length: 3\r\n\r\n" +
                request("GET", "/livez"));
    CHECK(client.read().status == 201);
    CHECK(client.read().status == 200);
}

TEST_CASE("chunk extensions count as body") {
    HttpLimits limits;
    limits.body = 100'000;
    const TestServer server(limits);
    RawClient client(server.address());
    client.send(
        "POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "1;" + std::string(4000, 'a') + "\r\n#\r\n";
    for (int i = 0; i < 30 && client.try_send(chunk); ++i) {
    }
    CHECK(client.read().status == 413);
}
