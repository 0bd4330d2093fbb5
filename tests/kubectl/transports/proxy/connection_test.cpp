// SPDX-License-Identifier: Apache-2.0
//
// What a connection to the cluster makes of answers that are not one answer to the request, and that none of it is the next
// call's.
#include "support/catch.hpp"

#include "kubectl/fakes/raw_server.hpp"
#include "kubectl/transports/proxy/connection.hpp"

#include <resourcifier/driver.hpp>

#include <future>
#include <variant>
#include <vector>

namespace {

using namespace rsf::kubectl;
using namespace rsf::kubectl::transports;
using Lost = ConnectionLost::How;

const process::Deadline in_an_hour(std::chrono::steady_clock::now() + std::chrono::hours(1));
const std::string own_answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown";
const std::string foreign = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforeign";

// The body, or how it was lost.
std::variant<std::string, Lost> answer(ConnectionPool &pool, const HttpRequest &request = {"GET", "/a", {}}) {
    try {
        std::unique_ptr<Connection> connection = pool.take(in_an_hour);
        HttpResponse response = connection->exchange(request, in_an_hour);
        pool.give_back(std::move(connection));
        return std::to_string(response.status) + " " + response.body;
    } catch (const ConnectionLost &lost) {
        return lost.how;
    }
}

struct RawAnswer {
    const char *title;
    std::string raw; // by the server to the first request
    std::variant<std::string, Lost> first;
    bool kept; // the second request goes over the same connection
};

std::string chunked(const std::string &chunks, const std::string &more = {}) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + more + "\r\n" + chunks;
}

const std::string wide(300 << 10, 'x');

const std::vector<RawAnswer> said_of_servers{
    {"an answer", own_answer, "200 own", true},
    {"an answer in chunks", chunked("3\r\nown\r\n0\r\n\r\n"), "200 own", true},
    {"no content", "HTTP/1.1 204 No Content\r\n\r\n", "204 ", true},
    {"continue", "HTTP/1.1 100 Continue\r\n\r\n" + own_answer, "200 own", true},
    {"early hints", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + own_answer, "200 own", true},
    {"several of them", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + own_answer, "200 own", true},
    {"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n" + own_answer,
     Lost::not_http, false},
    {"a last answer", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nown", "200 own", false},
    {"an answer of HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nown", "200 own", false},
    {"two answers", own_answer + foreign, "200 own", false},
    {"an answer and a half", own_answer + "HTTP/1.1 200", "200 own", false},
    {"an answer and a line end", own_answer + "\r\n", "200 own", false},
    {"a body after no content", "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\nforeign", "204 ", false},
    {"a body that ends early", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nown", Lost::dropped, false},
    {"chunks that end early", chunked("9\r\nown"), Lost::dropped, false},
    {"no last chunk", chunked("3\r\nown\r\n"), Lost::dropped, false},
    {"a body without an end", "HTTP/1.1 200 OK\r\n\r\nown", Lost::dropped, false},
    {"a head that ends early", "HTTP/1.1 200 OK\r\nContent-Le", Lost::dropped, false},
    {"nothing", "", Lost::dropped, false},
    {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 10\r\n\r\nown" + foreign, Lost::not_http, false},
    {"a length and chunks", chunked("3\r\nown\r\n0\r\n\r\n", "Content-Length: 3\r\n"), Lost::not_http, false},
    {"another coding, then chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nown\r\n0\r\n\r\n",
     Lost::not_http, false},
    {"a chunk whose length is none", chunked("x\r\nown\r\n0\r\n\r\n"), Lost::not_http, false},
    {"a status that is none", "HTTP/1.1 000 X\r\nContent-Length: 3\r\n\r\nown", Lost::not_http, false},
    {"a status without a meaning", "HTTP/1.1 999 X\r\nContent-Length: 3\r\n\r\nown", Lost::not_http, false},
    {"a header without an end", "HTTP/1.1 200 OK\r\nX: " + wide, Lost::not_http, false},
    {"a chunk extension without an end", chunked("3;" + wide), Lost::not_http, false},
    {"trailers without an end", chunked("3\r\nown\r\n0\r\nX: " + wide), Lost::not_http, false},
    {"no HTTP", "hello\r\n\r\n", Lost::not_http, false},
};

} // namespace

TEST_CASE("an answer that is incomplete or not HTTP fails the call, and bytes after an answer never reach the next call") {
    for (const RawAnswer &row : said_of_servers) {
        INFO(row.title);
        RawServer server([&](const RawServer::Peer &peer, int connection) {
            peer.read_head();
            if (connection > 0) return peer.say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nnext");
            peer.say(row.raw);
            const bool ends = std::holds_alternative<Lost>(row.first) && std::get<Lost>(row.first) == Lost::dropped;
            if (ends) return;
            if (!peer.read_head().empty()) peer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext");
            peer.wait_for_end();
        });
        ConnectionPool pool(server.path());
        CHECK(answer(pool) == row.first);
        CHECK(answer(pool) == std::variant<std::string, Lost>("200 next"));
        CHECK(server.connections() == (row.kept ? 1 : 2));
    }
}

TEST_CASE("a thousand interim answers fail the call") {
    RawServer server([](const RawServer::Peer &peer, int) {
        peer.read_head();
        for (int i = 0; i < 1000; ++i) peer.say("HTTP/1.1 100 Continue\r\n\r\n");
        peer.say(own_answer);
        peer.wait_for_end();
    });
    ConnectionPool pool(server.path());
    CHECK(answer(pool) == std::variant<std::string, Lost>(Lost::not_http));
}

TEST_CASE("bytes that come before the request are not taken for its answer") {
    std::promise<void> raw;
    RawServer server([&](const RawServer::Peer &peer, int connection) {
        if (connection == 0) {
            peer.say(foreign);
            raw.set_value();
            return peer.wait_for_end();
        }
        peer.read_head();
        peer.say(own_answer);
        peer.wait_for_end();
    });
    ConnectionPool pool(server.path());
    {
        std::unique_ptr<Connection> connection = pool.take(in_an_hour);
        raw.get_future().wait();
        try {
            connection->exchange({"GET", "/a", {}}, in_an_hour);
            FAIL("taken");
        } catch (const ConnectionLost &lost) {
            CHECK(lost.how == Lost::dropped);
            CHECK_FALSE(lost.sent);
        }
        CHECK_FALSE(connection->is_usable());
    }
    CHECK(answer(pool) == std::variant<std::string, Lost>("200 own"));
}

TEST_CASE("an answer before the request is whole counts if it is a refusal, and ends the connection") {
    const std::string body(8 << 20, 'x'); // more than both sides' buffers hold
    struct Early {
        const char *raw;
        std::variant<std::string, Lost> becomes;
    };
    for (const Early &row : {Early{"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig", "413 big"},
                             Early{"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}", Lost::not_http}}) {
        INFO(row.raw);
        std::promise<void> done;
        RawServer server([&, finished = done.get_future().share()](const RawServer::Peer &peer, int) {
            peer.read_head();
            peer.say(row.raw);
            finished.wait(); // and never reads the rest
        });
        {
            Connection connection(server.path(), in_an_hour);
            std::variant<std::string, Lost> result;
            try {
                const HttpResponse response = connection.exchange({"POST", "/a", body}, in_an_hour);
                result = std::to_string(response.status) + " " + response.body;
            } catch (const ConnectionLost &lost) {
                result = lost.how;
                CHECK(lost.sent);
            }
            CHECK(result == row.becomes);
            CHECK_FALSE(connection.is_usable());
        }
        done.set_value();
    }
}

TEST_CASE("an interim answer before the request is whole does not end it") {
    const std::string body(8 << 20, 'x');
    RawServer server([&](const RawServer::Peer &peer, int) {
        std::string got = peer.read_head();
        peer.say("HTTP/1.1 100 Continue\r\n\r\n");
        peer.read_body(got, body.size());
        peer.say(got.ends_with("xxx") ? own_answer : foreign);
        peer.wait_for_end();
    });
    ConnectionPool pool(server.path());
    CHECK(answer(pool, {"POST", "/a", body}) == std::variant<std::string, Lost>("200 own"));
}
