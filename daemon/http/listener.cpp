// SPDX-License-Identifier: Apache-2.0
#include "http/listener.hpp"

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

std::string peer_of(Socket &socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getpeername(socket.native_handle(), reinterpret_cast<sockaddr *>(&address), &size) != 0) return "unknown";
    return address.ss_family == AF_UNIX ? "unix" : address_text(address, size);
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

Listener::Listener(net::io_context &context, Endpoint endpoint, Hall &hall)
    : context_(context), endpoint_(std::move(endpoint)), reach_(endpoint_.reach()), acceptor_(net::make_strand(context)),
      timer_(acceptor_.get_executor()), hall_(hall) {
    const int family = endpoint_.family();
    acceptor_.assign(net::generic::stream_protocol(family, 0), endpoint_.release());
}

void Listener::start() {
    net::co_spawn(
        acceptor_.get_executor(), [self = shared_from_this()] { return self->run(); },
        [self = shared_from_this()](std::exception_ptr failed) {
            if (!failed) return;
            self->has_failed_ = true;
            self->hall_.log->critical("the listener on {} failed", self->address());
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
    const Census::Visit visit(hall_.census); // a connection that is being accepted is one
    boost::system::error_code failed;
    while (!stopped_) {
        try {
            if (failed) co_await back_off(std::exchange(failed, {}));
            co_await accept_next();
        } catch (const boost::system::system_error &caught) {
            failed = caught.code();
        } catch (const std::exception &) { // one connection is lost, and others follow
            failed = boost::system::errc::make_error_code(boost::system::errc::not_enough_memory);
        }
    }
}

net::awaitable<void> Listener::accept_next() {
    auto [failed, socket] = co_await acceptor_.async_accept(net::any_io_executor(net::make_strand(context_)), as_values);
    if (stopped_ && failed) co_return;
    if (!failed) {
        admit(std::move(socket));
        if (delay_.count() != 0) hall_.log->info("connections to {} are accepted again", address());
        delay_ = {};
    } else if (is_exhaustion(failed)) {
        co_await make_do();
    } else if (failed != net::error::connection_aborted) { // that client changed its mind
        co_await back_off(failed);
    }
}

// The system says so before it looks whether there is a connection: only one that is there may take a spare descriptor.
net::awaitable<void> Listener::make_do() {
    const auto [failed] = co_await acceptor_.async_wait(Acceptor::wait_read, as_values);
    if (failed || stopped_) co_return;
    if (hall_.spares.give()) co_return;
    // Those that were let in on one and have sent nothing yet make place for it.
    if (hall_.sessions.drop_from_reserve()) {
        hall_.refusals.add(Refused::descriptors);
        timer_.expires_after(std::chrono::milliseconds(1));
        co_await timer_.async_wait(as_values);
    } else {
        co_await back_off(boost::system::errc::make_error_code(boost::system::errc::too_many_files_open));
    }
}

net::awaitable<void> Listener::back_off(const boost::system::error_code &failed) {
    if (delay_.count() == 0) hall_.log->error("can't accept a connection to {}: {}", address(), failed.message());
    delay_ = std::clamp(delay_ * 2, first_delay, longest_delay);
    timer_.expires_after(delay_);
    co_await timer_.async_wait(as_values);
}

// Whoever can't be let in is told so.
void Listener::admit(Socket socket) {
    const int on = 1; // fails on a Unix socket, which needs it not
    setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const bool on_spare = !hall_.spares.refill();
    const Sessions::Admission admission =
        on_spare ? hall_.sessions.admit_to_reserve() : hall_.sessions.admit(hall_.limits.get()->connections);
    if (admission.admitted) {
        const Seat seat = on_spare ? Seat::spare : admission.seat;
        std::shared_ptr<Session> session;
        try {
            if (admission.displaced) hall_.refusals.add(seat == Seat::ordinary ? Refused::displaced : Refused::connections);
            const auto executor = socket.get_executor();
            std::string peer = peer_of(socket);
            session = std::make_shared<Session>(std::move(socket), hall_, Client{std::move(peer), reach_}, seat);
            begin_session(session, executor);
        } catch (...) {
            hall_.sessions.give_back(seat, session.get());
            throw;
        }
        return;
    }
    const Refused why = on_spare ? Refused::descriptors : Refused::connections;
    hall_.refusals.add(why);
    Session::turn_away_unread(socket, why);
    boost::system::error_code ignored; // it is closed either way
    socket.close(ignored);
    hall_.spares.refill();
}

void Listener::begin_session(const std::shared_ptr<Session> &session, Socket::executor_type executor) {
    hall_.sessions.add(session);
    net::co_spawn(
        executor, [session] { return session->run(); },
        [session, &hall = hall_](std::exception_ptr failed) {
            session->retire();
            hall.sessions.remove(session.get());
            if (failed) session->break_off();
            hall.spares.refill();
            if (failed) hall.faulted("a connection ended by an exception: " + what_of(failed));
        });
}

} // namespace rsf::http
