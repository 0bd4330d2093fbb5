// SPDX-License-Identifier: Apache-2.0
#include "http/listen/listener.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <exception>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace rsf::http {

namespace {

constexpr std::chrono::milliseconds first_delay{20};
constexpr std::chrono::milliseconds longest_delay{200};

bool is_exhaustion(const boost::system::error_code &failed) {
    return failed == boost::system::errc::too_many_files_open || failed == boost::system::errc::too_many_files_open_in_system;
}

Peer peer_of(Socket &socket, Reach reach) {
    Peer peer{.address = "unknown", .reach = reach};
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getpeername(socket.native_handle(), reinterpret_cast<sockaddr *>(&address), &size) != 0) return peer;
    if (address.ss_family != AF_UNIX) {
        peer.address = address_text(address, size);
        return peer;
    }
    peer.address = "unix";
    ucred credentials{};
    size = sizeof credentials;
    if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) peer.uid = credentials.uid;
    return peer;
}

std::string what_of(const std::exception_ptr &thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception &error) {
        return error.what();
    } catch (...) {
        return "of an unknown type";
    }
}

} // namespace

Listener::Listener(net::io_context &context, Endpoint endpoint, ServerState &server)
    : context_(context), endpoint_(std::move(endpoint)), reach_(endpoint_.reach()), acceptor_(net::make_strand(context)),
      timer_(acceptor_.get_executor()), server_(server) {
    const int family = endpoint_.family();
    acceptor_.assign(net::generic::stream_protocol(family, 0), endpoint_.release());
}

void Listener::start() {
    net::co_spawn(
        acceptor_.get_executor(), [self = shared_from_this()] { return self->run(); },
        [self = shared_from_this()](std::exception_ptr failed) {
            if (!failed) return;
            self->has_failed_ = true;
            self->server_.log->critical("the listener on {} failed", self->address());
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
    const InFlight::Visit visit(server_.in_flight); // a connection that is being accepted is one
    boost::system::error_code failed;
    while (!stopped_) {
        try {
            if (failed) co_await back_off(std::exchange(failed, {}));
            co_await accept_next();
        } catch (const boost::system::system_error &caught) {
            failed = caught.code();
        } catch (const std::exception &) { // this connection is lost; go on with the next
            failed = boost::system::errc::make_error_code(boost::system::errc::not_enough_memory);
        }
    }
}

net::awaitable<void> Listener::accept_next() {
    auto [failed, socket] = co_await acceptor_.async_accept(net::any_io_executor(net::make_strand(context_)), as_values);
    if (stopped_ && failed) co_return;
    if (!failed) {
        admit(std::move(socket));
        if (delay_.count() != 0) server_.log->info("connections to {} are accepted again", address());
        delay_ = {};
    } else if (is_exhaustion(failed)) {
        co_await free_descriptor();
    } else if (failed != net::error::connection_aborted) { // that client closed its connection already
        co_await back_off(failed);
    }
}

// accept() reports EMFILE even when no connection is waiting: a reserve descriptor is freed only when one is.
net::awaitable<void> Listener::free_descriptor() {
    const auto [failed] = co_await acceptor_.async_wait(Acceptor::wait_read, as_values);
    if (failed || stopped_) co_return;
    if (server_.reserve_fds.give()) co_return;
    // Evicts a connection that has such a descriptor and waits for its client.
    if (server_.connections.drop_from_reserve()) {
        server_.refusals.add(Refused::descriptors);
        timer_.expires_after(std::chrono::milliseconds(1));
        co_await timer_.async_wait(as_values);
    } else {
        co_await back_off(boost::system::errc::make_error_code(boost::system::errc::too_many_files_open));
    }
}

net::awaitable<void> Listener::back_off(const boost::system::error_code &failed) {
    if (delay_.count() == 0) server_.log->error("can't accept a connection to {}: {}", address(), failed.message());
    delay_ = std::clamp(delay_ * 2, first_delay, longest_delay);
    timer_.expires_after(delay_);
    co_await timer_.async_wait(as_values);
}

// A client that can't be served gets a 503.
void Listener::admit(Socket socket) {
    const int on = 1; // fails on a Unix socket, which does not need it
    setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const bool on_reserve_fd = !server_.reserve_fds.refill();
    const ConnectionTable::Admission admission =
        on_reserve_fd ? server_.connections.admit_to_reserve() : server_.connections.admit(server_.limits.get()->connections);
    if (admission.admitted) {
        const Seat seat = on_reserve_fd ? Seat::reserve_fd : admission.seat;
        std::shared_ptr<Connection> connection;
        try {
            if (admission.evicted) server_.refusals.add(seat == Seat::ordinary ? Refused::displaced : Refused::connections);
            const auto executor = socket.get_executor();
            Peer peer = peer_of(socket, reach_);
            connection = Connection::make(std::move(socket), server_, std::move(peer), seat);
            begin_connection(connection, executor);
        } catch (...) {
            server_.connections.give_back(seat, connection.get());
            throw;
        }
        return;
    }
    const Refused why = on_reserve_fd ? Refused::descriptors : Refused::connections;
    server_.refusals.add(why);
    Stream stream(std::move(socket));
    Connection::turn_away_unread(stream, why);
    stream.close();
    server_.reserve_fds.refill();
}

void Listener::begin_connection(const std::shared_ptr<Connection> &connection, Socket::executor_type executor) {
    server_.connections.add(connection);
    net::co_spawn(
        executor, [connection] { return connection->run(); },
        [connection, &server = server_](std::exception_ptr failed) {
            connection->retire();
            server.connections.remove(connection.get());
            if (failed) connection->break_off();
            server.reserve_fds.refill();
            if (failed) server.faulted("a connection ended by an exception: " + what_of(failed));
        });
}

} // namespace rsf::http
