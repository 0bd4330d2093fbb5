// SPDX-License-Identifier: Apache-2.0
//
// One connection: reads requests one after another, has them answered, writes the answers. Lives on a strand of its own.
#pragma once

#include "http/asio.hpp"
#include "http/connection/parts.hpp"
#include "http/message.hpp"
#include "http/overload/connection_table.hpp"
#include "http/overload/in_flight.hpp"
#include "http/overload/refusals.hpp"
#include "http/peer.hpp"
#include "http/server_state.hpp"
#include "shared/mutex.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::http {

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    // socket's executor is a strand. With a seat in the reserve it answers one request that asks whether the daemon is alive, and
    // refuses any other.
    static std::shared_ptr<Connection> make(Socket socket, ServerState &server, Peer peer, Seat seat);

    net::awaitable<void> run();

    // Closes the connection if no request is under way and none comes for a moment; one that does come is answered with
    // Connection: close. A request or an answer that is being transferred has some seconds to finish. [any thread]
    void drain();

    // Drops all answers from now on: its executor may be about to be destroyed. [any thread]
    void retire();

    // Applies changed limits, if it waits for a request. [any thread]
    void limits_changed();

    bool is_reserved() const { return parts_.is_reserved(); }
    const Waiting &waiting() const { return parts_.waiting; }
    bool is_claimed() const { return parts_.waiting.is_claimed(); }
    // Answers 503 without reading the request and without waiting; the caller closes stream afterwards.
    static void turn_away_unread(Stream &stream, Refused why);
    // Closes the connection if it still waits as seen says. [any thread]
    bool evict(Waiting::Seen seen);
    // After run() ended by an exception. [its executor]
    void break_off();

  private:
    using Clock = std::chrono::steady_clock;
    // What a connection does now, which also says whether it owes an answer.
    enum class State {
        fresh,     // waits for its first request
        idle,      // waits for another one
        reading,   // receives a request
        handling,  // waits for its answer
        writing,   // sends its answer, or has sent it
        streaming, // waits for the next piece of it
        lingering, // drops what still arrives; sends nothing more
        broken     // an answer was not sent whole: sends nothing more and drops what is unsent
    };

    // Answers come from threads that may outlive the server: they pass this gate, or are dropped once it is closed. Thread-safe.
    struct Gate {
        shared::Mutex mutex;
        bool open GUARDED_BY(mutex) = true;
    };

    Connection(Socket socket, ServerState &server, Peer peer, Seat seat);

    net::awaitable<bool> await_first_byte();
    net::awaitable<bool> serve_one();
    net::awaitable<bool> serve(Exchange &exchange);
    net::awaitable<Response> answer_to(Exchange &exchange, Request request);
    net::awaitable<Response> have_answered(Exchange &exchange, Request request);
    net::awaitable<bool> write(const Exchange &exchange, Response response);
    net::awaitable<bool> write_pieces(const Exchange &exchange, const Response &response);
    net::awaitable<bool> write_piece(std::string_view bytes);
    net::awaitable<std::optional<std::string>> next_piece(BodySource &source);
    void note_answered(const Exchange &exchange, unsigned status, std::size_t bytes, bool sent);
    net::awaitable<void> linger();
    void answer_eviction();
    // After an exception.
    void give_up(const Exchange &exchange, std::string_view why);
    void note_abandoned(const Exchange &exchange);
    void close();

    Respond responder();
    std::function<void(std::string)> piece_taker();
    template <class T> std::function<void(T)> taker(std::optional<T> Connection::*given, State while_waiting);
    void begin_writing();
    void log(const Exchange &exchange, unsigned status, std::size_t bytes, bool sent) const;

    bool waits_for_request() const { return state_ == State::fresh || state_ == State::idle; }
    bool owes_answer() const { return state_ == State::fresh || state_ == State::reading || state_ == State::handling; }
    Clock::time_point arm_idle();
    void arm_for_answer();
    // Between requests: closes this connection when there are more than the limit allows by now.
    void leave_if_too_many();

    ConnectionParts parts_;
    ServerState &server_;
    const InFlight::Visit visit_;
    State state_ = State::fresh;
    Clock::time_point answer_ends_at_ = Clock::time_point::max(); // while one is written
    net::steady_timer wake_;                                      // wakes the coroutine that waits for an answer without reading
    const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
    std::size_t serial_ = 0; // of the answer that is waited for
    std::optional<Response> answer_;
    std::optional<std::string> piece_; // of an answer that comes in pieces
};

} // namespace rsf::http
