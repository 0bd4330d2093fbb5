// SPDX-License-Identifier: Apache-2.0
//
// One connection: reads requests one after another, has them answered, writes the answers. Lives on a strand of its own.
#pragma once

#include "http/api.hpp"
#include "http/asio.hpp"
#include "http/census.hpp"
#include "http/head.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace rsf::daemon {

class Session;

// The connections that are open. Thread-safe.
class Sessions {
  public:
    void add(const std::shared_ptr<Session> &session);
    void remove(const Session *session);
    std::vector<std::shared_ptr<Session>> all() const;

  private:
    mutable std::mutex mutex_;
    std::unordered_map<const Session *, std::weak_ptr<Session>> sessions_; // guarded by mutex_
};

// What all connections share. Outlives them.
struct Hall {
    HttpLimits limits;
    std::shared_ptr<Api> api;
    Log log;
    Census census;
    Sessions sessions;
};

class Session : public std::enable_shared_from_this<Session> {
  public:
    // socket's executor is a strand.
    Session(Socket socket, Hall &hall, std::string peer);

    net::awaitable<void> run();

    // Closes the connection if no request is under way. [any thread]
    void drain();

    // Drops all answers from now on: its executor may be about to go. [any thread]
    void retire();

  private:
    using Clock = std::chrono::steady_clock;
    // What is known of the request under way; for the answer and the log.
    struct Exchange {
        Clock::time_point begun = Clock::now();
        std::string id;
        std::string method = "-";
        std::string target;
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
    net::awaitable<std::optional<Response>> read_head(Exchange &exchange, HeadJudge &judge);
    net::awaitable<std::optional<Response>> read_request(Exchange &exchange, Request &request);
    net::awaitable<std::optional<Response>> read_body(Exchange &exchange, http::request_parser<http::string_body> &parser);
    net::awaitable<std::optional<Response>> judge_expectation(Exchange &exchange, const Request &request, bool has_body);
    net::awaitable<Response> have_answered(Request request);
    net::awaitable<bool> write(const Exchange &exchange, Response response);
    net::awaitable<void> linger();

    std::optional<Response> parse_head(Exchange &exchange, const HeadJudge &judge,
                                       http::request_parser<http::string_body> &parser, Request &request);
    Response fault(Exchange &exchange, unsigned status, std::string kind, std::string detail) const;
    Response too_large(Exchange &exchange) const;
    Respond responder();
    void log(const Exchange &exchange, unsigned status, std::size_t bytes, bool sent) const;

    // Appends what comes to buffer_, at_most bytes. False at the end of the stream, on an error, when the time is over.
    net::awaitable<bool> receive(std::size_t at_most);
    net::awaitable<bool> send(std::string_view bytes);
    void arm(std::chrono::milliseconds time);
    void disarm();
    void wait_for_end();

    Socket socket_;
    net::steady_timer timer_; // ends reads and writes that take too long; max: nobody waits for it
    Clock::time_point ends_at_ = Clock::time_point::max();
    net::steady_timer wake_; // wakes who waits for an answer without reading
    Hall &hall_;
    const std::string peer_;
    const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
    std::string buffer_; // received and not used yet
    bool first_ = true;
    bool idle_ = false;
    bool expired_ = false;
    bool gone_ = false; // the client has closed, or at least its sending half
    bool waiting_ = false;
    std::size_t serial_ = 0; // of the answer that is waited for
    std::optional<Response> answer_;
};

} // namespace rsf::daemon
