// SPDX-License-Identifier: Apache-2.0
//
// Accepts connections on one endpoint and starts a session for each. Lives on a strand of its own.
#pragma once

#include "http/asio.hpp"
#include "http/endpoint.hpp"
#include "http/session.hpp"

#include <atomic>
#include <memory>

namespace rsf::http {

class Listener : public std::enable_shared_from_this<Listener> {
  public:
    Listener(net::io_context &context, Endpoint endpoint, Hall &hall);

    const std::string &address() const { return endpoint_.address(); }
    void start();
    // [any thread]
    void stop();
    // Whether it has come to an end without being stopped. [any thread]
    bool has_failed() const { return has_failed_; }

  private:
    net::awaitable<void> run();
    net::awaitable<void> accept_next();
    // There is no descriptor for a connection, if there is one to be accepted: finds one for the next.
    net::awaitable<void> make_do();
    // Waits after an error of the system, such as no descriptor being free; longer each time.
    net::awaitable<void> back_off(const boost::system::error_code &failed);
    void admit(Socket socket);
    void begin_session(const std::shared_ptr<Session> &session, Socket::executor_type executor);

    net::io_context &context_;
    Endpoint endpoint_;
    const Reach reach_;
    Acceptor acceptor_;
    net::steady_timer timer_;
    Hall &hall_;
    std::chrono::milliseconds delay_{0};
    bool stopped_ = false; // on the strand only
    std::atomic<bool> has_failed_ = false;
};

} // namespace rsf::http
