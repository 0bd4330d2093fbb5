// SPDX-License-Identifier: Apache-2.0
//
// Accepts connections on one endpoint and starts a connection for each. Lives on a strand of its own.
#pragma once

#include "http/asio.hpp"
#include "http/connection/connection.hpp"
#include "http/listen/endpoint.hpp"

#include <atomic>
#include <memory>

namespace rsf::http {

class Listener : public std::enable_shared_from_this<Listener> {
  public:
    Listener(net::io_context &context, Endpoint endpoint, ServerState &server);

    const std::string &address() const { return endpoint_.address(); }
    void start();
    // [any thread]
    void stop();
    // Whether it ended without being stopped. [any thread]
    bool has_failed() const { return has_failed_; }

  private:
    net::awaitable<void> run();
    net::awaitable<void> accept_next();
    // The process is out of descriptors: frees one for the next connection, if one is waiting.
    net::awaitable<void> free_descriptor();
    // Waits after a system error, such as no free descriptor; longer each time.
    net::awaitable<void> back_off(const boost::system::error_code &failed);
    void admit(Socket socket);
    void begin_connection(const std::shared_ptr<Connection> &connection, Socket::executor_type executor);

    net::io_context &context_;
    Endpoint endpoint_;
    const Reach reach_;
    Acceptor acceptor_;
    net::steady_timer timer_;
    ServerState &server_;
    std::chrono::milliseconds delay_{0};
    bool stopped_ = false; // on the strand only
    std::atomic<bool> has_failed_ = false;
};

} // namespace rsf::http
