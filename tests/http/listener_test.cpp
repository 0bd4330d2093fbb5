// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a listener when a connection can't be taken for want of memory, or for something worse.
#include "http/connection/connection.hpp"
#include "http/test_server.hpp"
#include "support/catch.hpp"
#include "support/log_lines.hpp"

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

using namespace rsf::base;
using namespace rsf::http;
using namespace rsf::http::test;
using namespace rsf::api::test;
using namespace std::chrono_literals;
using rsf::test::Lines;

namespace {

// The next allocation that is as large as this, or a little larger, fails. 0: none.
std::atomic<std::size_t> fails_at = 0;

bool is_to_fail(std::size_t size) {
    std::size_t at = fails_at;
    return at != 0 && size >= at && size < at + 64 && fails_at.compare_exchange_strong(at, 0);
}

// Throws what nobody expects when clients are turned away.
class Bomb : public spdlog::sinks::base_sink<std::mutex> {
    void sink_it_(const spdlog::details::log_msg &message) override {
        if (message.level == spdlog::level::warn) throw 1; // NOLINT: not one of the exceptions that are known
    }
    void flush_() override {}
};

} // namespace

void *operator new(std::size_t size) {
    if (!is_to_fail(size))
        if (void *memory = std::malloc(size != 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}
void *operator new(std::size_t size, const std::nothrow_t & /*tag*/) noexcept { return std::malloc(size != 0 ? size : 1); }
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void *memory, const std::nothrow_t & /*tag*/) noexcept { std::free(memory); }

TEST_CASE("a connection for which there is no memory takes no place, and the next ones are accepted") {
    const Lines lines;
    {
        HttpLimits limits;
        limits.connections = 1;
        const TestServer server(limits, {"127.0.0.1:0"}, lines.log);
        fails_at = sizeof(Connection);
        CHECK(RawClient(server.address()).closed_by_server());
        REQUIRE(fails_at == 0);
        CHECK(server.ask(request("GET", "/targets")).status == 200);
        CHECK(server.server->stuck(1h) == std::nullopt);
    }
    CHECK_THAT(lines.text(), ContainsSubstring("can't accept a connection to 127.0.0.1:"));
    CHECK_THAT(lines.text(), ContainsSubstring("are accepted again"));
}

TEST_CASE("an exception on a connection is answered, counted and logged, and the connection closes") {
    const Lines lines;
    {
        lines.log->sinks().push_back(std::make_shared<Bomb>());
        lines.log->set_error_handler([](const std::string &) {});
        HttpLimits limits;
        limits.requests = 0; // the first that is turned away is told to the log, which fails
        const TestServer server(limits, {"127.0.0.1:0"}, lines.log);
        RawClient client(server.address());
        const Reply reply = client.ask(request("GET", "/targets", "X-Request-Id: my-id\r\n"));
        CHECK(reply.status == 500);
        CHECK(reply.header("Connection") == "close");
        CHECK_THAT(reply.body, ContainsSubstring("urn:resourcifier:problem:internal") && ContainsSubstring("my-id"));
        CHECK(client.closed_by_server());
        CHECK(server.ask(request("GET", "/targets")).status == 503); // told once in ten seconds
        const std::string text = server.metrics->text();
        CHECK(sample(text, "resourcifier_http_faults_total") == 1);
        CHECK(sample(text, R"(resourcifier_http_requests_total{code="500",method="GET",route="targets"})") == 1);
    }
    CHECK_THAT(lines.text(), ContainsSubstring("request=my-id") && ContainsSubstring("failed at a request"));
}

TEST_CASE("a server where nobody accepts any more says that it is stuck") {
    HttpLimits limits;
    limits.connections = 0;
    auto log = std::make_shared<spdlog::logger>("test", std::make_shared<Bomb>());
    log->set_error_handler([](const std::string &) {}); // would write of it
    const TestServer server(limits, {"127.0.0.1:0"}, log);
    std::vector<std::unique_ptr<RawClient>> clients;
    const auto until = std::chrono::steady_clock::now() + 60s;
    std::optional<std::string> stuck;
    while (!stuck && std::chrono::steady_clock::now() < until) {
        if (clients.size() > 2 * ConnectionTable::reserve)
            clients.erase(clients.begin()); // those that were closed for their slowness
        clients.push_back(std::make_unique<RawClient>(server.address()));
        stuck = server.server->stuck(1h);
    }
    CHECK(stuck == "no connections to " + server.address() + " are accepted");
}
