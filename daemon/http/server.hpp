// SPDX-License-Identifier: Apache-2.0
//
// The HTTP API (docs/http-api.md) over any number of listeners. Thread-safe where said.
#pragma once

#include "base/log.hpp"
#include "http/handler.hpp"
#include "http/limits.hpp"
#include "http/listen/listen_address.hpp"
#include "http/workers.hpp"
#include "metrics/metrics.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::http {

class Server {
  public:
    struct Options {
        std::vector<ListenAddress> listen; // port 0: any that is free
        HttpLimits limits;
        std::size_t threads = 2;          // for connections
        bool insecure_listen = false;     // whether addresses are taken that other machines can reach
        std::vector<std::string> hosts{}; // that requests may name, beside those that mean this machine (AllowedHosts)
        std::shared_ptr<metrics::Metrics> metrics = std::make_shared<metrics::Metrics>();
        std::vector<std::shared_ptr<Workers>> workers{};             // the handler's workers: watched, and ended with the server
        std::shared_ptr<Budget> memory = std::make_shared<Budget>(); // for requests and answers; limits.bodies says how much
    };

    // Binds every address, or none. Serving begins with start(). The server may be destroyed while handler works: its answers are
    // dropped then.
    static Result<std::unique_ptr<Server>> bind(Options options, std::shared_ptr<Handler> handler, Log log);
    ~Server();

    void start();
    // The addresses bound, with real ports: "127.0.0.1:41233", "unix:/run/x.sock".
    std::vector<std::string> addresses() const;
    // Applies to requests that begin from now on, and to connections that wait for one. [any thread]
    void replace(const HttpLimits &limits);
    // Of Options. [any thread]
    void replace_hosts(const std::vector<std::string> &hosts);
    // How often clients were turned away, by reason (Refusals::names); the reasons are always the same. [any thread]
    std::vector<std::pair<std::string_view, std::uint64_t>> refused() const;
    // Stops accepting, answers what is under way or still comes on open connections with "Connection: close", and closes those
    // where nothing comes for half a second, or whose client stays slow for some seconds. [any thread]
    void stop_accepting();
    // Which of its threads has not returned to its event loop for that long, or which address is no longer served, in words;
    // none: neither. [any thread]
    std::optional<std::string> stuck(std::chrono::steady_clock::duration longer_than) const;
    // Whether no request is under way; waits until then or until. [any thread but the server's own]
    bool wait_idle(std::chrono::steady_clock::time_point until);

  private:
    class Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace rsf::http
