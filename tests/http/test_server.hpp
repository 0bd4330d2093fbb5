// SPDX-License-Identifier: Apache-2.0
//
// A server on a free port over a fake cluster, for one test.
#pragma once

#include "http/fake_target.hpp"
#include "http/raw_client.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace rsf::daemon::test {

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
    const std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>();
    std::unique_ptr<Server> server;
};

inline constexpr std::string_view two_resources = "resources:\n"
                                                  "- name: front\n"
                                                  "  type: Service\n"
                                                  "  properties: {kind: Service, metadata: {name: front}}\n"
                                                  "- name: back\n"
                                                  "  type: Service\n"
                                                  "  properties: {kind: Service, metadata: {name: back}}\n";

} // namespace rsf::daemon::test
