// SPDX-License-Identifier: Apache-2.0
//
// What a handler is told of who has connected, and of clients that leave.
#include "http/raw_client.hpp"
#include "http/server.hpp"
#include "support/catch.hpp"
#include "support/log_lines.hpp"
#include "support/temp_folder.hpp"

#include <unistd.h>

#include <mutex>

using namespace rsf::base;
using namespace rsf::http;
using namespace rsf::http::test;
using rsf::test::Lines;
using rsf::test::TempFolder;

namespace {

// Answers every request with its peer, and admits each once.
class TellsPeer final : public Handler {
  public:
    RouteInfo route_info(std::string_view, std::string_view) const override { return {}; }

    std::unique_ptr<Admission> admit(const Request &) override {
        ++admitted;
        class Told final : public Admission {
            RequestSubject subject() const override { return {"prod", "create"}; }
            std::optional<Response> refusal(const Request &) override { return std::nullopt; }
            void answer(Request request, Respond respond) override {
                const Peer &peer = *request.peer;
                const std::string uid = peer.uid ? std::to_string(*peer.uid) : "no uid";
                respond({200, "text/plain", peer.address + " " + uid, {}});
            }
        };
        return std::make_unique<Told>();
    }

    void go_down() override {}

    std::atomic<int> admitted = 0;
};

struct Told {
    explicit Told(const std::string &listen) {
        Server::Options options{.listen = {listen}, .limits = {}};
        server = Server::bind(std::move(options), handler, lines.log).value();
        server->start();
    }

    const Lines lines;
    std::shared_ptr<TellsPeer> handler = std::make_shared<TellsPeer>();
    std::unique_ptr<Server> server;
};

} // namespace

TEST_CASE("over TCP a peer is an address with a port") {
    const Told told("127.0.0.1:0");
    const Reply reply = RawClient(told.server->addresses().at(0)).ask(request("GET", "/"));
    CHECK_THAT(reply.body, StartsWith("127.0.0.1:"));
    CHECK_THAT(reply.body, EndsWith(" no uid"));
}

TEST_CASE("over a Unix socket a peer is the user that the kernel names") {
    const TempFolder folder;
    const Told told("unix:" + (folder.path() / "s").string());
    const Reply reply = RawClient(told.server->addresses().at(0)).ask(request("GET", "/"));
    CHECK(reply.body == "unix " + std::to_string(::getuid()));
}

TEST_CASE("a request is admitted once, with or without a body") {
    const Told told("127.0.0.1:0");
    RawClient client(told.server->addresses().at(0));
    client.ask(request("GET", "/"));
    CHECK(told.handler->admitted == 1);
    client.ask(request("POST", "/", "", "body"));
    CHECK(told.handler->admitted == 2);
}

TEST_CASE("the log has a line for a client that left in mid-body, with who and what") {
    Told told("127.0.0.1:0");
    const std::string whole = request("POST", "/configurations?a=secret", "X-Request-Id: r-1\r\n", "0123456789");
    {
        RawClient client(told.server->addresses().at(0));
        client.send(whole.substr(0, whole.size() - 5));
        client.close();
    }
    while (told.handler->admitted == 0) std::this_thread::yield();
    told.server->stop_accepting();
    REQUIRE(told.server->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    told.server.reset();
    const std::string log = told.lines.text();
    CHECK_THAT(log,
               ContainsSubstring("target=prod request=r-1 operation=create method=POST path=/configurations client=127.0.0.1:"));
    CHECK_THAT(log, ContainsSubstring("the client left before its request was whole: nothing was done"));
    CHECK_THAT(log, !ContainsSubstring("secret"));
}
