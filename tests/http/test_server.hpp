// SPDX-License-Identifier: Apache-2.0
//
// A server on a free port over a fake cluster, for one test.
#pragma once

#include "api/fake_target.hpp"
#include "http/raw_client.hpp"
#include "http/server.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace rsf::http::test {

// The API over these targets, served as main.cpp puts it together.
class ServedApi {
  public:
    explicit ServedApi(targets::TargetSet targets, Server::Options options = {.listen = {"127.0.0.1:0"}, .limits = {}},
                       Log log = silent_log())
        : api_(api::test::make_api(std::move(targets), offload_to(bodies_), questions_, options.metrics, log)) {
        options.workers = {bodies_, questions_};
        server_ = Server::bind(std::move(options), api_, std::move(log)).value();
        server_->start();
    }

    Server &server() const { return *server_; }
    std::string address() const { return server_->addresses().at(0); }

  private:
    const std::shared_ptr<Workers> bodies_ = std::make_shared<Workers>(2, "reads bodies and writes answers");
    const std::shared_ptr<Workers> questions_ = std::make_shared<Workers>(2, "answers probes and gives metrics");
    const std::shared_ptr<api::Api> api_;
    std::unique_ptr<Server> server_;
};

class TestServer {
  public:
    explicit TestServer(HttpLimits limits = {}, std::vector<ListenAddress> listen = {"127.0.0.1:0"}, Log log = silent_log(),
                        std::size_t threads = 2)
        : cluster(std::make_shared<rsf::test::FakeCluster>()), targets(api::test::fake_targets(cluster)),
          served_(std::make_unique<ServedApi>(
              targets, Server::Options{.listen = std::move(listen), .limits = limits, .threads = threads, .metrics = metrics},
              std::move(log))),
          server(&served_->server()) {}

    std::string address() const { return served_->address(); }
    Reply ask(std::string_view bytes) const { return RawClient(address()).ask(bytes); }
    void end() { served_.reset(); }

    const std::shared_ptr<metrics::Metrics> metrics = std::make_shared<metrics::Metrics>();
    const std::shared_ptr<rsf::test::FakeCluster> cluster;
    const targets::TargetSet targets; // outlives the server

  private:
    std::unique_ptr<ServedApi> served_;

  public:
    Server *const server;
};

// The answer to a head that stays half, on a connection that has been served before: a busy machine may take its time from the
// connecting to the sending.
inline Reply ask_with_half_a_head(const TestServer &server, RawClient &client) {
    const std::string whole = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    if (const Reply reply = client.ask(whole); reply.status != 200) return reply;
    HttpLimits limits;
    limits.header_time = std::chrono::milliseconds(20);
    server.server->replace(limits);
    return client.ask(whole.substr(0, whole.size() / 2));
}

inline constexpr std::string_view two_resources = "resources:\n"
                                                  "- name: front\n"
                                                  "  type: Service\n"
                                                  "  properties: {kind: Service, metadata: {name: front}}\n"
                                                  "- name: back\n"
                                                  "  type: Service\n"
                                                  "  properties: {kind: Service, metadata: {name: back}}\n";

} // namespace rsf::http::test
