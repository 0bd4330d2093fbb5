// SPDX-License-Identifier: Apache-2.0
#include "http/listener.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace rsf::daemon {

namespace {

constexpr std::chrono::milliseconds first_delay{20};
constexpr std::chrono::milliseconds longest_delay{1000};

std::string peer_of(Socket &socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getpeername(socket.native_handle(), reinterpret_cast<sockaddr *>(&address), &size) != 0) return "unknown";
    return address.ss_family == AF_UNIX ? "unix" : address_text(address, size);
}

} // namespace

Listener::Listener(net::io_context &context, Endpoint endpoint, Hall &hall)
    : context_(context), endpoint_(std::move(endpoint)), acceptor_(net::make_strand(context)), timer_(acceptor_.get_executor()),
      hall_(hall) {
    const int family = endpoint_.family();
    acceptor_.assign(net::generic::stream_protocol(family, 0), endpoint_.release());
}

void Listener::start() {
    net::co_spawn(
        acceptor_.get_executor(), [self = shared_from_this()] { return self->run(); },
        [self = shared_from_this()](std::exception_ptr failed) {
            if (failed) self->hall_.log->critical("the listener on {} failed", self->address());
        });
}

void Listener::stop() {
    net::dispatch(acceptor_.get_executor(), [self = shared_from_this()] {
        self->stopped_ = true;
        boost::system::error_code ignored; // it accepts no more either way
        self->acceptor_.close(ignored);
        self->timer_.cancel();
    });
}

net::awaitable<void> Listener::run() {
    while (!stopped_) {
        auto [failed, socket] = co_await acceptor_.async_accept(net::any_io_executor(net::make_strand(context_)), as_values);
        if (stopped_) co_return;
        if (!failed) {
            if (delay_ > first_delay) hall_.log->info("connections to {} are accepted again", address());
            delay_ = {};
            begin_session(std::move(socket));
        } else if (failed != net::error::connection_aborted) { // that client changed its mind
            co_await back_off(failed);
        }
    }
}

net::awaitable<void> Listener::back_off(const boost::system::error_code &failed) {
    if (delay_.count() == 0) hall_.log->error("can't accept a connection to {}: {}", address(), failed.message());
    delay_ = std::clamp(delay_ * 2, first_delay, longest_delay);
    timer_.expires_after(delay_);
    co_await timer_.async_wait(as_values);
}

void Listener::begin_session(Socket socket) {
    const int on = 1; // fails on a Unix socket, which needs it not
    setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto executor = socket.get_executor();
    std::string peer = peer_of(socket);
    const auto session = std::make_shared<Session>(std::move(socket), hall_, std::move(peer));
    hall_.sessions.add(session);
    net::co_spawn(
        executor, [session] { return session->run(); },
        [session, &hall = hall_](std::exception_ptr failed) {
            session->retire();
            hall.sessions.remove(session.get());
            if (failed) hall.log->error("a connection ended by an exception");
        });
}

} // namespace rsf::daemon
