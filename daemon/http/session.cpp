// SPDX-License-Identifier: Apache-2.0
#include "http/session.hpp"

#include "base/text.hpp"
#include "http/metered_route.hpp"
#include "http/problem.hpp"
#include "http/wire.hpp"

#include <boost/asio/dispatch.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <exception>

namespace rsf::http {

namespace {

constexpr std::size_t first_read = 1024; // what an idle connection has room for; most heads fit
constexpr std::size_t small_read = 4096;
constexpr std::size_t large_read = 65536;
constexpr std::size_t progress = 65536; // less than that within a second is a slow client: a byte now and then is no progress
constexpr std::chrono::milliseconds linger_time{2000};
constexpr std::chrono::milliseconds parting_time{500}; // for requests that are on their way when the server goes down
constexpr std::chrono::milliseconds drain_time{3000};  // for clients to get on by then: nobody accepts meanwhile
constexpr std::size_t linger_bytes = 64u << 20;
constexpr std::chrono::milliseconds reserve_time{2000}; // for a head in the reserve

bool wants_close(const Headers &headers, bool http_1_0) {
    bool close = http_1_0;
    for (const std::string_view value : header_values(headers, "Connection")) {
        if (has_token(value, "close")) return true;
        if (has_token(value, "keep-alive")) close = false;
    }
    return close;
}

// One of the requests that may be worked on.
class Slot {
  public:
    Slot(Budget &budget, std::size_t limit) : budget_(budget), taken_(budget.take(1, limit)) {}
    ~Slot() {
        if (taken_) budget_.give_back(1);
    }
    Slot(const Slot &) = delete;
    Slot &operator=(const Slot &) = delete;
    bool taken() const { return taken_; }

  private:
    Budget &budget_;
    const bool taken_;
};

Problem overloaded_by(Refused what) {
    const auto detail = [&]() -> std::string_view {
        switch (what) {
        case Refused::requests: return "The daemon has as many requests under way as it may have";
        case Refused::bodies: return drivers::memory_is_taken;
        case Refused::descriptors: return "The daemon has as many files and connections open as the system lets it";
        default: return "The daemon has as many connections as it may have";
        }
    };
    return overloaded(detail());
}

// What probes and scrapers ask for, several times a minute each.
bool is_routine(metrics::MeteredRoute route) {
    return route == metrics::MeteredRoute::health || route == metrics::MeteredRoute::live ||
           route == metrics::MeteredRoute::ready || route == metrics::MeteredRoute::metrics;
}

// Whether it is answered, too, when no more requests may be worked on: metrics say then what is refused.
bool is_spared(const Request &request) {
    return Api::is_probe(request) || metered_route(request.target) == metrics::MeteredRoute::metrics;
}

// What has come and can be had at once.
std::string take_in(int fd) {
    std::string received(large_read, ' ');
    const auto count = ::recv(fd, received.data(), received.size(), MSG_DONTWAIT);
    received.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return received;
}

// Answers without waiting, as far as that can be done, in the form that the request asks for as far as it is read, or by what has
// come of it; the socket is to be closed then. As in linger(), what has come is not to be left unread.
void answer_at_once(Socket &socket, Problem problem, ProblemForm form, std::string received, const std::string &request_id) {
    const int fd = socket.native_handle();
    received += take_in(fd);
    Response response = to_response(std::move(problem));
    write_problem(response, form == ProblemForm::json ? form : problem_form(received), request_id);
    const std::string text = head_text(response, request_id, true, false) + response.body;
    ::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    boost::system::error_code failed;
    socket.shutdown(Socket::shutdown_send, failed);
    while (take_in(fd).size() == large_read) {
    }
}

} // namespace

Session::Session(Socket socket, Hall &hall, Client client, Seat seat)
    : socket_(std::move(socket)), timer_(socket_.get_executor(), Clock::time_point::max()), wake_(socket_.get_executor()),
      hall_(hall), visit_(hall.census), client_(std::move(client)), seat_(seat), limits_(hall.limits) {
    waiting_for_client_.begin(Waiting::For::request, Clock::now());
}

net::awaitable<void> Session::run() {
    while (co_await await_first_byte()) {
        const bool goes_on = co_await serve_one();
        first_ = false;
        if (!goes_on) break;
    }
    disarm();
    timer_.cancel(); // its wait keeps this alive
    if (is_claimed()) say_goodbye();
    close();
}

void Session::break_off() {
    timer_.cancel();
    close();
}

void Session::close() {
    boost::system::error_code ignored; // it is closed either way
    // The system would go on for minutes offering the rest of an answer to a client that does not take it.
    if (reset_) socket_.set_option(net::socket_base::linger(true, 0), ignored);
    if (!reset_) socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
}

bool Session::make_place(Waiting::Seen seen) {
    if (!waiting_for_client_.claim(seen)) return false;
    try {
        net::post(socket_.get_executor(), [self = shared_from_this()] {
            self->displaced_ = true;
            boost::system::error_code ignored; // a socket that can't be cancelled is closed already
            self->socket_.cancel(ignored);
        });
    } catch (...) {
        waiting_for_client_.give_back(seen);
        throw;
    }
    return true;
}

// Tells a client that has had no answer why it gets none. Between requests a connection may be closed without a word (RFC 9112,
// 9.5).
void Session::say_goodbye() {
    boost::system::error_code failed;
    if (!lingers_ && !reset_ && (first_ || owes_answer_ || !buffer_.empty() || socket_.available(failed) != 0))
        answer_at_once(socket_, overloaded_by(reason()), problem_form_, buffer_, make_request_id());
}

void Session::turn_away_unread(Socket &socket, Refused why) {
    answer_at_once(socket, overloaded_by(why), ProblemForm::text, {}, make_request_id());
}

void Session::give_up(const Exchange &exchange, std::string_view why) {
    disarm();
    hall_.faulted(fmt::format("{}failed at a request: {}",
                              LogFields{{"target", exchange.subject.target},
                                        {"request", exchange.id},
                                        {"operation", exchange.subject.operation},
                                        {"client", client_.address}},
                              why));
    lingers_ = true; // nothing further is said
    reset_ = !owes_answer_;
    if (reset_) return; // a client that has half of an answer must not take it for the whole
    constexpr unsigned status = 500;
    hall_.metrics->request(metered_route(exchange.target), exchange.method, status, Clock::now() - exchange.begun);
    answer_at_once(socket_, {status, "internal", "The daemon failed at this request; its log says why.", {}, {}}, problem_form_,
                   buffer_, exchange.id);
}

void Session::drain() {
    net::post(socket_.get_executor(), [self = shared_from_this()] {
        if (!self->socket_.is_open()) return;
        if (self->idle_)
            self->arm(parting_time);
        else if (!self->expired_ && self->waiting_for_client_.look().waits() && self->ends_at_ > Clock::now() + drain_time)
            self->arm(drain_time);
    });
}

void Session::retire() {
    const std::lock_guard lock(gate_->mutex);
    gate_->open = false;
}

void Session::limits_changed() {
    net::post(socket_.get_executor(), [self = shared_from_this()] {
        if (!self->idle_ || self->is_reserved()) return;
        self->limits_.renew();
        self->arm_idle();
        self->leave_if_too_many();
    });
}

void Session::leave_if_too_many() {
    if (!is_reserved() && hall_.sessions.shrink_by(*this, limits_->connections)) hall_.refusals.add(Refused::displaced);
}

Session::Clock::time_point Session::arm_idle() {
    const auto time = first_ ? limits_->header_time : limits_->idle_time;
    const auto most = hall_.census.draining() ? parting_time : is_reserved() ? reserve_time : time;
    return arm(std::min(time, most));
}

net::awaitable<bool> Session::await_first_byte() {
    if (buffer_.empty()) std::string().swap(buffer_); // many connections are idle: they hold little memory
    limits_.renew();
    waiting_for_client_.begin(Waiting::For::request, arm_idle());
    if (buffer_.empty()) leave_if_too_many();
    while (buffer_.empty()) {
        if (gone_) co_return false;
        idle_ = true;
        const bool received = co_await receive(first_read);
        idle_ = false;
        if (received) continue;
        // A request that has just come is not thrown away when the server goes down.
        boost::system::error_code failed;
        if (gone_ || displaced_ || !hall_.census.draining() || socket_.available(failed) == 0) co_return false;
        arm(parting_time);
    }
    limits_.renew();
    co_return true;
}

// False when the connection is to be closed.
net::awaitable<bool> Session::serve_one() {
    Exchange exchange;
    std::string why;
    try {
        co_return co_await serve(exchange);
    } catch (const std::exception &error) {
        why = error.what();
    } catch (...) {
        why = "an exception of an unknown type";
    }
    give_up(exchange, why);
    co_return false;
}

net::awaitable<bool> Session::serve(Exchange &exchange) {
    owes_answer_ = true;
    problem_form_ = ProblemForm::text;
    {
        const Census::Entry entry(hall_.census);
        Request request;
        std::optional<Response> response = co_await read_request(exchange, request);
        const std::shared_ptr<Share> share = request.share; // until the answer is written
        if (!response) {
            if (exchange.vanished) co_return false;
            disarm();
            const Slot slot(hall_.requests, limits_->requests);
            if (slot.taken() || is_spared(request))
                response = co_await have_answered(exchange, std::move(request));
            else
                response = turned_away(Refused::requests);
            const bool is_refused = share && share->was_refused() && response->status == 503;
            if (is_refused) hall_.refusals.add(Refused::bodies);
            // What it was made of is gone. Nothing is lost with the answer to a read.
            const bool fits = !share || share->settle(response->body.size());
            if (!fits && !is_refused && exchange.method == "GET" && response->body.size() > small_memory)
                response = turned_away(Refused::bodies);
        }
        exchange.close = exchange.close || (gone_ && buffer_.empty()) || hall_.census.draining() || is_reserved();
        if (!co_await write(exchange, std::move(*response))) co_return false;
    }
    boost::system::error_code failed; // then there is nothing to be read, either
    const bool more_comes = exchange.close && (!buffer_.empty() || socket_.available(failed) != 0);
    if (exchange.unread || more_comes) co_await linger();
    co_return !exchange.close;
}

// What refuses the request, or nothing: it is whole, or the client vanished.
net::awaitable<std::optional<Response>> Session::read_request(Exchange &exchange, Request &request) {
    HeadJudge judge(limits_->headers, limits_->header_count);
    exchange.id = make_request_id();
    auto bad_head = co_await read_head(exchange, judge);
    if (!waiting_for_client_.end()) exchange.vanished = true; // it makes place for another; from here on it does not
    if (exchange.vanished) co_return std::nullopt;
    if (bad_head) co_return bad_head;

    if (auto bad = parse_head(exchange, judge, request)) co_return bad;
    arm(std::max(limits_->request_time - std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - exchange.begun),
                 std::chrono::milliseconds(1)));
    if (judge.content_length() > limits_->body) co_return too_large(exchange);
    std::optional<Response> refusal;
    if (auto misdirected = hall_.hosts.refuse(judge.host(), client_.reach)) refusal = to_response(std::move(*misdirected));
    if (!refusal && judge.has_body() && (is_reserved() || !has_room_for(judge.content_length())) && Api::is_probe(request)) {
        exchange.close = exchange.unread = true; // a wait for its body would hold a place that others need
        co_return std::nullopt;
    }
    if (!refusal && is_reserved() && !Api::is_probe(request)) refusal = turned_away(reason());
    if (!refusal && judge.has_body()) refusal = refuse_unread(request, judge);
    if (!refusal) refusal = co_await judge_expectation(exchange, request, judge.has_body());
    if (refusal) {
        if (auto bad = fault_in_what_came(judge)) refusal = fault(exchange, bad->status, "bad-request", bad->detail);
        exchange.close = exchange.close || judge.has_body();
        exchange.unread = judge.has_body();
        co_return refusal;
    }
    request.share = std::make_shared<Share>(hall_.bodies, limits_->bodies);
    if (exchange.vanished || !judge.has_body()) co_return std::nullopt;
    request.limits = std::shared_ptr<const parse::Limits>(limits_.share(), &limits_->parse);
    BodyReader body(judge, body_bounds());
    auto bad = co_await read_body(exchange, body, *request.share);
    if (!waiting_for_client_.end()) exchange.vanished = true; // as above
    if (!bad && !exchange.vanished) request.body = std::move(body.body());
    if (exchange.vanished) co_return std::nullopt;
    co_return bad;
}

// A body that is refused unread may be badly framed by what has come of it: that is worse than what else is wrong, and 400 first.
std::optional<FramingFault> Session::fault_in_what_came(const HeadJudge &judge) const {
    BodyReader body(judge, body_bounds());
    if (body.take(buffer_) != BodyReader::Verdict::bad || body.fault().status != 400) return std::nullopt;
    return body.fault();
}

BodyReader::Bounds Session::body_bounds() const { return {limits_->body, limits_->headers, limits_->header_count}; }

bool Session::has_room_for(std::size_t body) const {
    return hall_.requests.has_room_for(1, limits_->requests) && hall_.bodies->has_room_for(body, limits_->bodies);
}

// What can be said before the body is read.
std::optional<Response> Session::refuse_unread(const Request &request, const HeadJudge &judge) {
    if (!hall_.requests.has_room_for(1, limits_->requests)) return turned_away(Refused::requests);
    if (!hall_.bodies->has_room_for(judge.content_length(), limits_->bodies)) return turned_away(Refused::bodies);
    return hall_.api->refuse(request);
}

net::awaitable<std::optional<Response>> Session::read_head(Exchange &exchange, HeadJudge &judge) {
    arm(is_reserved() ? std::min(limits_->header_time, reserve_time) : limits_->header_time);
    for (bool waits = false;; waits = true) {
        const auto verdict = judge.look(buffer_);
        exchange.method = judge.method().empty() ? "-" : judge.method();
        exchange.target = judge.target();
        exchange.http_1_0 = judge.is_http_1_0();
        if (verdict == HeadJudge::Verdict::whole) co_return std::nullopt;
        if (verdict == HeadJudge::Verdict::bad) {
            exchange.unread = true;
            problem_form_ = problem_form(buffer_);
            co_return fault(exchange, judge.fault().status, "bad-request", judge.fault().detail);
        }
        if (!waits) waiting_for_client_.begin(Waiting::For::rest, Clock::now());
        if (co_await receive(small_read)) continue;
        if (expired_) co_return too_slow(exchange, Refused::head_time, "The request's head took too long.");
        exchange.vanished = true;
        co_return std::nullopt;
    }
}

std::optional<Response> Session::parse_head(Exchange &exchange, const HeadJudge &judge, Request &request) {
    problem_form_ = problem_form(std::string_view(buffer_).substr(0, judge.end()));
    beast_http::request_parser<beast_http::empty_body> parser;
    parser.skip(true); // the body is BodyReader's
    parser.header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(limits_->headers + 1024, 1u << 30)));
    boost::system::error_code failed;
    parser.put(net::buffer(buffer_.data() + judge.begin(), judge.end() - judge.begin()), failed);
    if ((failed && failed != beast_http::error::need_more) || !parser.is_header_done()) {
        if (judge.content_length() > limits_->body) return too_large(exchange);
        exchange.unread = true;
        return fault(exchange, 400, "bad-request", "The request's head is not HTTP/1.1: " + failed.message() + ".");
    }
    buffer_.erase(0, judge.end());
    request.method = judge.method();
    request.target = judge.target();
    for (const auto &field : parser.get()) request.headers.emplace_back(field.name_string(), field.value());
    if (auto id = given_request_id(request.headers)) exchange.id = std::move(*id);
    request.id = exchange.id;
    exchange.head_only = request.method == "HEAD";
    exchange.close = wants_close(request.headers, judge.is_http_1_0());
    return std::nullopt;
}

net::awaitable<std::optional<Response>> Session::judge_expectation(Exchange &exchange, const Request &request, bool has_body) {
    const auto expected = header_values(request.headers, "Expect");
    if (expected.empty() || exchange.http_1_0) co_return std::nullopt;
    if (expected.size() > 1 || !same_word(expected[0], "100-continue"))
        co_return fault(exchange, 417, "bad-expectation", "Only 'Expect: 100-continue' is known here.");
    if (!has_body || !buffer_.empty()) co_return std::nullopt; // a client whose body is coming already did not wait
    begin_transfer(Clock::now());
    exchange.vanished = !co_await send("HTTP/1.1 100 Continue\r\n\r\n");
    co_return std::nullopt;
}

net::awaitable<std::optional<Response>> Session::read_body(Exchange &exchange, BodyReader &body, Share &share) {
    begin_transfer(Clock::now());
    for (;;) {
        const auto verdict = body.take(buffer_);
        buffer_.erase(0, body.used());
        if (!share.grow_to(body.body().size())) {
            exchange.unread = verdict != BodyReader::Verdict::whole;
            exchange.close = exchange.close || exchange.unread;
            co_return turned_away(Refused::bodies);
        }
        if (verdict == BodyReader::Verdict::whole) co_return std::nullopt;
        if (verdict == BodyReader::Verdict::bad) {
            exchange.unread = true;
            const auto &[status, detail] = body.fault();
            co_return fault(exchange, status, status == 413 ? "too-large" : "bad-request", detail);
        }
        if (!co_await receive_much()) {
            if (expired_) co_return too_slow(exchange, Refused::request_time, "The request's body took too long.");
            exchange.vanished = true;
            co_return std::nullopt;
        }
        has_moved(buffer_.size());
    }
}

Respond Session::responder() {
    return [gate = gate_, weak = weak_from_this(), serial = serial_](Response response) {
        const std::lock_guard lock(gate->mutex);
        if (!gate->open) return;
        const auto self = weak.lock();
        if (!self) return;
        net::dispatch(self->socket_.get_executor(), [self, serial, response = std::move(response)]() mutable {
            if (serial != self->serial_ || self->answer_) return;
            self->answer_ = std::move(response);
            if (!self->waiting_) return;
            boost::system::error_code ignored; // a socket that can't be cancelled has no read to end
            self->socket_.cancel(ignored);
            self->wake_.cancel();
        });
    };
}

// Reads on while it waits, to learn when the client goes away; what comes is kept for the next request.
net::awaitable<Response> Session::have_answered(Exchange &exchange, Request request) {
    std::stop_source stop;
    request.client_gone = stop.get_token();
    answer_.reset();
    ++serial_;
    exchange.subject = hall_.api->handle(std::move(request), responder());
    waiting_ = true;
    while (!answer_) {
        if (!gone_ && buffer_.size() < limits_->headers) {
            if (co_await receive(small_read) || answer_ || !gone_) continue;
            stop.request_stop();
        } else {
            wake_.expires_at(Clock::time_point::max());
            co_await wake_.async_wait(as_values);
        }
    }
    waiting_ = false;
    co_return std::move(*answer_);
}

net::awaitable<bool> Session::write(const Exchange &exchange, Response response) {
    write_problem(response, problem_form_, exchange.id);
    const std::size_t bytes = exchange.head_only ? 0 : response.body.size();
    std::string message = head_text(response, exchange.id, exchange.close, exchange.http_1_0);
    std::string body = exchange.head_only ? std::string() : std::move(response.body);
    if (body.size() <= large_read) {
        message += body;
        body.clear();
    }
    const auto now = arm(std::min(limits_->idle_time, limits_->response_time));
    answer_ends_at_ = now + limits_->response_time;
    owes_answer_ = false;
    begin_transfer(now);
    const bool sent = co_await send(message) && (body.empty() || co_await send(body));
    reset_ = !sent;
    if (!sent && expired_) hall_.refusals.add(Refused::response_time);
    log(exchange, response.status, bytes, sent);
    hall_.metrics->request(metered_route(exchange.target), exchange.method, response.status, Clock::now() - exchange.begun);
    co_return sent;
}

Response Session::fault(Exchange &exchange, unsigned status, std::string kind, std::string detail) const {
    exchange.close = true;
    return to_response({status, std::move(kind), std::move(detail), {}, {}});
}

Response Session::too_slow(Exchange &exchange, Refused what, std::string detail) {
    hall_.refusals.add(what);
    return fault(exchange, 408, "too-slow", std::move(detail));
}

Response Session::turned_away(Refused what) {
    hall_.refusals.add(what);
    return to_response(overloaded_by(what));
}

Response Session::too_large(Exchange &exchange) const {
    exchange.unread = true;
    return fault(exchange, 413, "too-large",
                 "The body is larger than the " + std::to_string(limits_->body) + " bytes that are taken here.");
}

void Session::log(const Exchange &exchange, unsigned status, std::size_t bytes, bool sent) const {
    const auto level = is_routine(metered_route(exchange.target)) && status < 400 ? spdlog::level::debug : spdlog::level::info;
    if (!hall_.log->should_log(level)) return;
    const auto took = std::chrono::duration<double, std::milli>(Clock::now() - exchange.begun).count();
    const auto path = std::string_view(exchange.target).substr(0, exchange.target.find('?'));
    hall_.log->log(level, "{}{}",
                   LogFields{{"target", exchange.subject.target},
                             {"request", exchange.id},
                             {"operation", exchange.subject.operation},
                             {"method", std::string_view(exchange.method).substr(0, 32)},
                             {"path", path},
                             {"status", std::int64_t{status}},
                             {"bytes", static_cast<std::int64_t>(bytes)},
                             {"duration_ms", took},
                             {"client", client_.address}},
                   sent ? "answered" : "the client is gone");
}

// A close with bytes unread would be a reset, which may destroy the answer before the client has read it.
net::awaitable<void> Session::linger() {
    boost::system::error_code failed;
    socket_.shutdown(Socket::shutdown_send, failed);
    lingers_ = true;
    waiting_for_client_.begin(Waiting::For::rest, arm(linger_time));
    std::size_t total = 0;
    while (!failed && total < linger_bytes) {
        buffer_.clear();
        if (!co_await receive_much()) break;
        total += buffer_.size();
    }
}

net::awaitable<bool> Session::receive(std::size_t at_most) {
    if (expired_ || displaced_) co_return false;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + at_most);
    const auto [failed, count] = co_await socket_.async_read_some(net::buffer(buffer_.data() + before, at_most), as_values);
    buffer_.resize(before + count);
    if (failed && failed != net::error::operation_aborted) gone_ = true;
    co_return !failed;
}

net::awaitable<bool> Session::receive_much() {
    boost::system::error_code failed; // the read tells it, too
    if (socket_.available(failed) == 0) {
        if (expired_ || displaced_) co_return false;
        if (buffer_.empty()) std::string().swap(buffer_);
        const auto [stopped] = co_await socket_.async_wait(Socket::wait_read, as_values);
        if (stopped) co_return false;
    }
    co_return co_await receive(std::clamp(socket_.available(failed), std::size_t{1}, large_read));
}

net::awaitable<bool> Session::send(std::string_view bytes) {
    while (!bytes.empty()) {
        if (expired_ || displaced_) co_return false;
        const auto [failed, count] = co_await socket_.async_write_some(net::buffer(bytes.data(), bytes.size()), as_values);
        if (failed) co_return false;
        bytes.remove_prefix(count);
        if (bytes.empty()) break;
        const bool moved = has_moved(count);
        if (moved || !hall_.census.draining()) arm_for_answer(); // it goes on, if slowly
    }
    co_return true;
}

void Session::begin_transfer(Clock::time_point now) {
    moved_ = 0;
    waiting_for_client_.begin(Waiting::For::transfer, now);
}

bool Session::has_moved(std::size_t bytes) {
    moved_ += bytes;
    if (moved_ < progress) return false;
    begin_transfer(Clock::now());
    return true;
}

void Session::arm_for_answer() {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(answer_ends_at_ - Clock::now());
    arm(std::max(std::min(limits_->idle_time, left), std::chrono::milliseconds(1)));
}

// A wait that is under way and ends no later is left alone, and goes on when it ends too early: each request moves the time
// several times, and hardly ever does it come.
Session::Clock::time_point Session::arm(std::chrono::milliseconds time) {
    const auto now = Clock::now();
    expired_ = false;
    ends_at_ = now + (hall_.census.draining() ? std::min(time, drain_time) : time);
    if (timer_.expiry() > ends_at_) wait_for_end();
    return now;
}

void Session::disarm() {
    ends_at_ = Clock::time_point::max();
    expired_ = false;
}

void Session::wait_for_end() {
    timer_.expires_at(ends_at_);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code failed) {
        if (failed) return; // for an earlier end
        self->timer_.expires_at(Clock::time_point::max());
        if (self->ends_at_ == Clock::time_point::max()) return;
        if (self->ends_at_ > Clock::now()) return self->wait_for_end();
        self->expired_ = true;
        boost::system::error_code ignored; // a socket that can't be cancelled has nothing to end
        self->socket_.cancel(ignored);
    });
}

} // namespace rsf::http
