// SPDX-License-Identifier: Apache-2.0
//
// Answers that come in pieces.
#include "http/raw_client.hpp"
#include "http/server.hpp"
#include "support/catch.hpp"
#include "support/log_lines.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

using namespace rsf::base;
using namespace rsf::http;
using namespace rsf::http::test;
using rsf::test::Lines;

namespace {

// Its pieces are those that the test gives; an empty one is the end.
class Given final : public BodySource {
  public:
    void next(std::function<void(std::string)> ready) override {
        std::unique_lock lock(mutex_);
        ++asked_;
        changed_.notify_all();
        if (pieces_.empty()) {
            waiting_ = std::move(ready);
            return;
        }
        std::string piece = std::move(pieces_.front());
        pieces_.pop_front();
        lock.unlock();
        ready(std::move(piece));
    }

    void give(std::string piece) {
        std::unique_lock lock(mutex_);
        if (!waiting_) return pieces_.push_back(std::move(piece));
        const auto ready = std::exchange(waiting_, nullptr);
        lock.unlock();
        ready(std::move(piece));
    }

    // Waits until it was asked so often.
    void wait_for(int asked) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return asked_ >= asked; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> pieces_;
    std::function<void(std::string)> waiting_;
    int asked_ = 0;
};

class GivesPieces final : public Handler {
  public:
    RouteInfo route_info(std::string_view, std::string_view) const override { return {}; }
    std::unique_ptr<Admission> admit(const Request &) override {
        class Pieces final : public Admission {
          public:
            explicit Pieces(std::shared_ptr<Given> given) : given_(std::move(given)) {}
            RequestSubject subject() const override { return {}; }
            std::optional<Response> refusal(const Request &) override { return std::nullopt; }
            void answer(Request request, Respond respond) override {
                if (request.target == "/plain") return respond({200, "text/plain", "plain", {}});
                Response response{200, "text/event-stream", {}, {}};
                response.source = given_;
                respond(std::move(response));
            }

          private:
            const std::shared_ptr<Given> given_;
        };
        return std::make_unique<Pieces>(given);
    }
    void go_down() override {}

    const std::shared_ptr<Given> given = std::make_shared<Given>();
};

struct Served {
    explicit Served(HttpLimits limits = {}) {
        server = Server::bind({.listen = {"127.0.0.1:0"}, .limits = limits}, handler, lines.log).value();
        server->start();
    }
    std::string address() const { return server->addresses().at(0); }
    Given &given() const { return *handler->given; }

    const Lines lines;
    std::shared_ptr<GivesPieces> handler = std::make_shared<GivesPieces>();
    std::unique_ptr<Server> server;
};

} // namespace

TEST_CASE("pieces are sent as chunks as soon as they come, and the connection goes on after the last") {
    const Served served;
    RawClient client(served.address());
    client.send(request("GET", "/"));
    const std::string head = client.read_to("\r\n\r\n");
    CHECK_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
    CHECK_THAT(head, ContainsSubstring("\r\nTransfer-Encoding: chunked\r\n"));
    CHECK_THAT(head, !ContainsSubstring("Content-Length"));
    served.given().give("one");
    CHECK(client.read_to("\r\none\r\n") == "3\r\none\r\n");
    served.given().give(std::string(100'000, 'x'));
    CHECK(client.read_to("x\r\n").size() == 5 + 2 + 100'000 + 2);
    client.send(request("GET", "/plain")); // is answered after this
    served.given().give("");
    CHECK(client.read_to("\r\n\r\n") == "0\r\n\r\n");
    CHECK(client.read().body == "plain");
    served.lines.wait_for("path=/plain status=200");
    CHECK(served.lines.with("path=/ status=200 bytes=100003").size() == 1);
}

TEST_CASE("an HTTP/1.0 client gets the pieces bare, and the end of the connection as their end") {
    const Served served;
    RawClient client(served.address());
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK_THAT(client.read_to("\r\n\r\n"), !ContainsSubstring("chunked") && ContainsSubstring("\r\nConnection: close\r\n"));
    served.given().give("one ");
    served.given().give("two");
    served.given().give("");
    CHECK(client.read_to("never") == "one two");
}

TEST_CASE("a HEAD has the head alone") {
    const Served served;
    RawClient client(served.address());
    client.send(request("HEAD", "/"));
    CHECK_THAT(client.read_to("\r\n\r\n"), ContainsSubstring("chunked"));
    client.send(request("GET", "/plain"));
    CHECK(client.read().body == "plain");
}

TEST_CASE("a client that leaves between two pieces ends its answer") {
    const Served served;
    {
        RawClient client(served.address());
        client.send(request("GET", "/"));
        served.given().give("one");
        client.read_to("one\r\n");
        served.given().wait_for(2);
    }
    served.lines.wait_for("the client is gone");
    served.given().give("nobody reads this");
    CHECK(RawClient(served.address()).ask(request("GET", "/plain")).body == "plain");
}

TEST_CASE("an answer in pieces is ended when the server goes down, and is not waited for") {
    const Served served;
    RawClient client(served.address());
    client.send(request("GET", "/"));
    served.given().give("one");
    client.read_to("one\r\n");
    served.given().wait_for(2);
    served.server->stop_accepting();
    CHECK(client.read_to("never") == "0\r\n\r\n");
    CHECK(served.server->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
}

TEST_CASE("a client that takes no pieces is cut off, and another one has its own") {
    HttpLimits limits;
    limits.response_time = std::chrono::milliseconds(200);
    const Served served(limits);
    RawClient slow(served.address());
    slow.send(request("GET", "/"));
    served.given().give(std::string(64 << 20, 'x')); // more than the sockets hold
    served.lines.wait_for("the client is gone");
    CHECK(RawClient(served.address()).ask(request("GET", "/plain")).body == "plain");
}
