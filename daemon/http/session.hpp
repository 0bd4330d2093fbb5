// SPDX-License-Identifier: Apache-2.0
//
// One connection: reads requests one after another, has them answered, writes the answers. Lives on a strand of its own.
#pragma once

#include "base/budget.hpp"
#include "http/api.hpp"
#include "http/asio.hpp"
#include "http/body_reader.hpp"
#include "http/census.hpp"
#include "http/current_limits.hpp"
#include "http/head.hpp"
#include "http/hosts.hpp"
#include "http/refusals.hpp"
#include "http/sessions.hpp"
#include "http/spares.hpp"
#include "http/waiting.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace rsf::http {

// What all connections share. Outlives them.
struct Hall {
    Hall(const HttpLimits &first_limits, const std::vector<std::string> &first_hosts, Log the_log)
        : limits(first_limits), hosts(first_hosts), log(the_log), refusals(std::move(the_log)) {}

    // The daemon itself failed at a request, as message says.
    void faulted(std::string_view message) {
        ++faults;
        log->error("{}", message);
    }

    CurrentLimits limits;
    AllowedHosts hosts;
    std::shared_ptr<Api> api;
    std::shared_ptr<metrics::Metrics> metrics;
    const Log log;
    Refusals refusals;
    std::atomic<std::uint64_t> faults = 0;
    Census census;
    Sessions sessions;
    Spares spares;
    Budget requests; // that are worked on, or wait for it
    const std::shared_ptr<Budget> bodies = std::make_shared<Budget>();
};

// Who has connected, and where.
struct Client {
    std::string address;
    Reach reach = Reach::loopback; // of the listener
};

class Session : public std::enable_shared_from_this<Session> {
  public:
    // socket's executor is a strand. In the reserve it answers one request that asks whether the daemon is alive, and refuses any
    // other.
    Session(Socket socket, Hall &hall, Client client, Seat seat);

    net::awaitable<void> run();

    // Closes the connection if no request is under way and none comes for a moment; one that does is answered, with the word that
    // the connection ends. One that is on its way has some seconds to come to its end, and so has an answer. [any thread]
    void drain();

    // Drops all answers from now on: its executor may be about to go. [any thread]
    void retire();

    // Takes what has changed in the limits into account, if it waits for a request. [any thread]
    void limits_changed();

    bool is_reserved() const { return seat_ != Seat::ordinary; }
    const Waiting &waiting() const { return waiting_for_client_; }
    bool is_claimed() const { return waiting_for_client_.is_claimed(); }
    // Answers 503 without reading and without waiting, as far as that can be done; the socket is to be closed then.
    static void turn_away_unread(Socket &socket, Refused why);
    // Closes the connection if it still waits as it was seen to. [any thread]
    bool make_place(Waiting::Seen seen);
    // After run() ended by an exception. [its executor]
    void break_off();

  private:
    using Clock = std::chrono::steady_clock;
    // What is known of the request under way; for the answer and the log.
    struct Exchange {
        Clock::time_point begun = Clock::now();
        std::string id;
        std::string method = "-";
        std::string target;
        Subject subject;
        bool http_1_0 = false;
        bool head_only = false;
        bool close = false;    // no further request on this connection
        bool unread = false;   // the client may still be sending
        bool vanished = false; // the client went away before its request was whole
    };

    // Answers come from threads that may outlive the server: they pass this gate, or are dropped once it is closed. Thread-safe.
    struct Gate {
        std::mutex mutex;
        bool open = true; // guarded by mutex
    };

    net::awaitable<bool> await_first_byte();
    net::awaitable<bool> serve_one();
    net::awaitable<bool> serve(Exchange &exchange);
    net::awaitable<std::optional<Response>> read_head(Exchange &exchange, HeadJudge &judge);
    net::awaitable<std::optional<Response>> read_request(Exchange &exchange, Request &request);
    net::awaitable<std::optional<Response>> read_body(Exchange &exchange, BodyReader &body, Share &share);
    net::awaitable<std::optional<Response>> judge_expectation(Exchange &exchange, const Request &request, bool has_body);
    net::awaitable<Response> have_answered(Exchange &exchange, Request request);
    net::awaitable<bool> write(const Exchange &exchange, Response response);
    net::awaitable<void> linger();
    void say_goodbye();
    // After an exception.
    void give_up(const Exchange &exchange, std::string_view why);
    Refused reason() const { return seat_ == Seat::spare ? Refused::descriptors : Refused::connections; }
    void close();

    std::optional<Response> parse_head(Exchange &exchange, const HeadJudge &judge, Request &request);
    Response fault(Exchange &exchange, unsigned status, std::string kind, std::string detail) const;
    Response too_large(Exchange &exchange) const;
    Response too_slow(Exchange &exchange, Refused what, std::string detail);
    // Turned away for a limit that all clients share.
    Response turned_away(Refused what);
    bool has_room_for(std::size_t body) const;
    BodyReader::Bounds body_bounds() const;
    std::optional<FramingFault> fault_in_what_came(const HeadJudge &judge) const;
    std::optional<Response> refuse_unread(const Request &request, const HeadJudge &judge);
    Respond responder();
    void log(const Exchange &exchange, unsigned status, std::size_t bytes, bool sent) const;

    // Appends what comes to buffer_, at_most bytes. False at the end of the stream, on an error, when the time is over.
    net::awaitable<bool> receive(std::size_t at_most);
    // The same for as much as has come, without holding memory for it before.
    net::awaitable<bool> receive_much();
    net::awaitable<bool> send(std::string_view bytes);
    // When it is now.
    Clock::time_point arm(std::chrono::milliseconds time);
    Clock::time_point arm_idle();
    // Between requests: makes place when there are more connections than there may be by now.
    void leave_if_too_many();
    void arm_for_answer();
    void disarm();
    void wait_for_end();
    // A body or an answer is on its way.
    void begin_transfer(Clock::time_point now);
    // So much more has come or gone. Whether it is enough by now for the client not to count as slow.
    bool has_moved(std::size_t bytes);

    Socket socket_;
    net::steady_timer timer_; // ends reads and writes that take too long; max: nobody waits for it
    Clock::time_point ends_at_ = Clock::time_point::max();
    Clock::time_point answer_ends_at_ = Clock::time_point::max(); // while one is written
    net::steady_timer wake_;                                      // wakes who waits for an answer without reading
    Hall &hall_;
    const Census::Visit visit_;
    const Client client_;
    const Seat seat_;
    CurrentLimits::Kept limits_; // of the request under way
    Waiting waiting_for_client_;
    const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
    std::string buffer_;                           // received and not used yet
    std::size_t moved_ = 0;                        // of what is on its way, since that last moved on
    ProblemForm problem_form_ = ProblemForm::text; // for the request under way
    bool first_ = true;
    bool owes_answer_ = false; // nothing of it is sent yet
    bool idle_ = false;
    bool lingers_ = false;
    bool expired_ = false;
    bool displaced_ = false; // makes place for another
    bool reset_ = false;     // what is sent and not taken yet is not worth keeping
    bool gone_ = false;      // the client has closed, or at least its sending half
    bool waiting_ = false;
    std::size_t serial_ = 0; // of the answer that is waited for
    std::optional<Response> answer_;
};

} // namespace rsf::http
