// SPDX-License-Identifier: Apache-2.0
//
// What a connection is made of, for those that read its requests and write its answers. Not thread-safe, but for waiting.
#pragma once

#include "http/connection/deadline.hpp"
#include "http/connection/input.hpp"
#include "http/connection/output.hpp"
#include "http/connection/progress.hpp"
#include "http/connection/stream.hpp"
#include "http/handler.hpp"
#include "http/peer.hpp"
#include "http/problem.hpp"
#include "http/server_state.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace rsf::http {

// What is known of the request under way; for its answer, the log and the metrics.
struct Exchange {
    using Clock = std::chrono::steady_clock;
    enum class Client { there, left, evicted }; // evicted: before its request was whole

    Clock::time_point begun = Clock::now();
    std::string id;
    std::string method = "-";
    std::string target;
    RouteInfo info;
    RequestSubject subject;
    std::unique_ptr<Admission> admission;
    bool http_1_0 = false;
    bool head_only = false;
    bool close = false;  // no further request on this connection
    bool unread = false; // the client may still be sending
    Client client = Client::there;
};

struct ConnectionParts {
    static constexpr std::chrono::milliseconds drain_time{3000}; // for clients to finish: none is accepted meanwhile

    ConnectionParts(Socket socket, ServerState &the_server, Peer the_peer, Seat the_seat)
        : server(the_server), peer(std::make_shared<const Peer>(std::move(the_peer))), seat(the_seat), stream(std::move(socket)),
          limits(the_server.limits) {}

    // Returns now.
    Deadline::Clock::time_point arm(std::chrono::milliseconds time) {
        return deadline.arm(server.in_flight.draining() ? std::min(time, drain_time) : time);
    }

    bool is_reserved() const { return seat != Seat::ordinary; }
    // Why a connection with this seat is turned away.
    Refused reason() const { return seat == Seat::reserve_fd ? Refused::descriptors : Refused::connections; }

    // An answer that says what is wrong with a request; the connection ends after it.
    Response fault(Exchange &exchange, unsigned status, std::string kind, std::string detail) const {
        exchange.close = true;
        return to_response({status, std::move(kind), std::move(detail)});
    }
    // The answer to a request that exceeds a limit that all clients share.
    Response turned_away(Refused what) {
        server.refusals.add(what);
        return to_response(turned_away_for(what));
    }

    ServerState &server;
    const std::shared_ptr<const Peer> peer;
    const Seat seat;
    Stream stream;
    Waiting waiting;
    Deadline deadline{stream};
    Progress progress{waiting};
    Input input{stream, deadline, waiting};
    Output output{stream, deadline, waiting, progress};
    CurrentLimits::Kept limits;                   // of the request under way
    ProblemForm problem_form = ProblemForm::text; // for it
};

} // namespace rsf::http
