// SPDX-License-Identifier: Apache-2.0
//
// A server on a free port over a fake cluster, for one test.
#pragma once

#include "http/fake_target.hpp"
#include "http/raw_client.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace rsf::http::test {

class TestServer {
  public:
    explicit TestServer(HttpLimits limits = {}, std::vector<ListenAddress> listen = {"127.0.0.1:0"}, Log log = silent_log(),
                        std::size_t threads = 2)
        : cluster(std::make_shared<FakeCluster>()), targets(fake_targets(cluster)),
          server(std::move(Server::bind({.listen = std::move(listen), .limits = limits, .threads = threads, .metrics = metrics},
                                        targets, std::move(log))
                               .value())) {
        server->start();
    }

    std::string address() const { return server->addresses().at(0); }
    Reply ask(std::string_view bytes) const { return RawClient(address()).ask(bytes); }

    const std::shared_ptr<FakeCluster> cluster;
    const Targets targets; // outlives the server
    const std::shared_ptr<metrics::Metrics> metrics = std::make_shared<metrics::Metrics>();
    std::unique_ptr<Server> server;
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
