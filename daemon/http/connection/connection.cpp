// SPDX-License-Identifier: Apache-2.0
#include "http/connection/connection.hpp"

#include "base/text.hpp"
#include "http/connection/request_reader.hpp"
#include "http/framing/answer_head.hpp"

#include <boost/asio/dispatch.hpp>

#include <algorithm>
#include <exception>

namespace rsf::http {

namespace {

constexpr std::size_t first_read = 1024; // the buffer of an idle connection; most heads fit
constexpr std::chrono::milliseconds linger_time{2000};
constexpr std::chrono::milliseconds parting_time{500}; // for requests that are on their way when the server goes down
constexpr std::size_t linger_bytes = 64u << 20;
constexpr std::size_t most_drained_at_once = 16 * Input::most_at_once; // on a thread that serves other connections, too

// A place among the requests that may be worked on at once.
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

// What probes and scrapers ask for, several times a minute each.
bool is_routine(metrics::MeteredRoute route) {
    return route == metrics::MeteredRoute::health || route == metrics::MeteredRoute::live ||
           route == metrics::MeteredRoute::ready || route == metrics::MeteredRoute::metrics;
}

// Answers with what can be read and written without waiting; the caller closes the stream afterwards. The form is the one that
// the received part of the request asks for. As in linger(), received bytes must not be left unread.
void answer_now(Stream &stream, Problem problem, ProblemForm form, std::string received, const std::string &request_id) {
    received += stream.read_now(Input::most_at_once);
    Response response = to_response(std::move(problem));
    write_problem(response, form == ProblemForm::json ? form : problem_form(received), request_id);
    stream.write_now(head_text(response, request_id, true, false) + response.body);
    stream.end_sending();
    for (std::size_t left = most_drained_at_once; left != 0; left -= Input::most_at_once) // a fast client could go on for ever
        if (stream.read_now(Input::most_at_once).size() < Input::most_at_once) return;
}

} // namespace

std::shared_ptr<Connection> Connection::make(Socket socket, ServerState &server, Peer peer, Seat seat) {
    const std::shared_ptr<Connection> made(new Connection(std::move(socket), server, std::move(peer), seat));
    made->parts_.deadline.belong_to(made);
    return made;
}

Connection::Connection(Socket socket, ServerState &server, Peer peer, Seat seat)
    : parts_(std::move(socket), server, std::move(peer), seat), server_(server), visit_(server.in_flight),
      wake_(parts_.stream.executor()) {
    parts_.waiting.begin(Waiting::For::request, Clock::now());
}

net::awaitable<void> Connection::run() {
    while (co_await await_first_byte()) {
        const bool goes_on = co_await serve_one();
        if (!goes_on) break;
    }
    parts_.deadline.end();
    if (is_claimed()) answer_eviction();
    close();
}

void Connection::break_off() {
    parts_.deadline.end();
    close();
}

void Connection::close() { state_ == State::broken ? parts_.stream.reset() : parts_.stream.close(); }

bool Connection::evict(Waiting::Seen seen) {
    if (!parts_.waiting.claim(seen)) return false;
    try {
        net::post(parts_.stream.executor(), [self = shared_from_this()] { self->parts_.stream.cancel(); });
    } catch (...) {
        parts_.waiting.give_back(seen);
        throw;
    }
    return true;
}

// Tells a client whose request was not answered why the connection closes. Between requests it may be closed without an answer
// (RFC 9112, 9.5).
void Connection::answer_eviction() {
    if (state_ == State::lingering || state_ == State::broken) return;
    if (owes_answer() || !parts_.input.empty() || parts_.stream.available() != 0)
        answer_now(parts_.stream, turned_away_for(parts_.reason()), parts_.problem_form, std::string(parts_.input.bytes()),
                   make_request_id());
}

void Connection::turn_away_unread(Stream &stream, Refused why) {
    answer_now(stream, turned_away_for(why), ProblemForm::text, {}, make_request_id());
}

void Connection::give_up(const Exchange &exchange, std::string_view why) {
    parts_.deadline.disarm();
    server_.faulted(fmt::format("{}failed at a request: {}",
                                LogFields{{"target", exchange.subject.target},
                                          {"request", exchange.id},
                                          {"operation", exchange.subject.operation},
                                          {"client", parts_.peer->address}},
                                why));
    if (!owes_answer()) { // a client that has half of an answer must not take it for the whole
        state_ = State::broken;
        return;
    }
    state_ = State::lingering;
    constexpr unsigned status = 500;
    server_.metrics->request(exchange.info.route, exchange.method, status, Clock::now() - exchange.begun);
    answer_now(parts_.stream, {status, "internal", "The daemon failed at this request; its log says why."}, parts_.problem_form,
               std::string(parts_.input.bytes()), exchange.id);
}

void Connection::drain() {
    net::post(parts_.stream.executor(), [self = shared_from_this()] {
        ConnectionParts &parts = self->parts_;
        if (!parts.stream.is_open()) return;
        if (self->state_ == State::streaming) {
            parts.stream.cancel();
            self->wake_.cancel();
        } else if (self->waits_for_request())
            parts.arm(parting_time);
        else if (!parts.deadline.has_passed() && parts.waiting.state().waits() &&
                 parts.deadline.time() > Clock::now() + ConnectionParts::drain_time)
            parts.arm(ConnectionParts::drain_time);
    });
}

void Connection::retire() {
    const shared::Lock lock(gate_->mutex);
    gate_->open = false;
}

void Connection::limits_changed() {
    net::post(parts_.stream.executor(), [self = shared_from_this()] {
        if (!self->waits_for_request() || self->is_reserved()) return;
        self->parts_.limits.renew();
        self->arm_idle();
        self->leave_if_too_many();
    });
}

void Connection::leave_if_too_many() {
    if (!is_reserved() && server_.connections.shrink_by(*this, parts_.limits->connections))
        server_.refusals.add(Refused::displaced);
}

Connection::Clock::time_point Connection::arm_idle() {
    const auto time = state_ == State::fresh ? parts_.limits->header_time : parts_.limits->idle_time;
    const auto most = server_.in_flight.draining() ? parting_time : is_reserved() ? RequestReader::reserve_time : time;
    return parts_.arm(std::min(time, most));
}

net::awaitable<bool> Connection::await_first_byte() {
    Input &input = parts_.input;
    if (state_ != State::fresh) state_ = State::idle;
    input.shrink();
    parts_.limits.renew();
    parts_.waiting.begin(Waiting::For::request, arm_idle());
    if (input.empty()) leave_if_too_many();
    while (input.empty()) {
        if (input.has_ended()) co_return false;
        const bool received = co_await input.receive(first_read);
        if (received) continue;
        // A request that has just come is not thrown away when the server goes down.
        if (input.has_ended() || is_claimed() || !server_.in_flight.draining() || parts_.stream.available() == 0) co_return false;
        parts_.arm(parting_time);
    }
    parts_.limits.renew();
    co_return true;
}

// False when the connection is to be closed.
net::awaitable<bool> Connection::serve_one() {
    Exchange exchange;
    std::string why;
    state_ = State::reading;
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

net::awaitable<bool> Connection::serve(Exchange &exchange) {
    parts_.problem_form = ProblemForm::text;
    {
        const InFlight::Entry entry(server_.in_flight);
        Request request;
        std::optional<Response> response = co_await RequestReader(parts_, exchange, request).read();
        if (!response && exchange.client != Exchange::Client::there) {
            note_abandoned(exchange);
            co_return false;
        }
        const std::shared_ptr<Share> share = request.share; // until the answer is written
        if (!response) response = co_await answer_to(exchange, std::move(request));
        exchange.admission.reset();
        const bool client_ended = parts_.input.has_ended() && parts_.input.empty();
        const bool ends_with_answer = response->source && exchange.http_1_0;
        exchange.close = exchange.close || client_ended || ends_with_answer || server_.in_flight.draining() || is_reserved();
        if (!co_await write(exchange, std::move(*response))) co_return false;
    }
    const bool more_comes = exchange.close && (!parts_.input.empty() || parts_.stream.available() != 0);
    if (exchange.unread || more_comes) co_await linger();
    co_return !exchange.close;
}

// What the handler answers, unless the server has reached its limits.
net::awaitable<Response> Connection::answer_to(Exchange &exchange, Request request) {
    parts_.deadline.disarm();
    const std::shared_ptr<Share> share = request.share;
    const Slot slot(server_.requests, parts_.limits->requests);
    if (!slot.taken() && exchange.info.priority == Priority::ordinary) co_return parts_.turned_away(Refused::requests);
    Response response = co_await have_answered(exchange, std::move(request));
    if (!share) co_return response;
    const bool is_refused = share->was_refused() && response.status == 503;
    if (is_refused) server_.refusals.add(Refused::bodies);
    // What it was made of is freed. The answer to a read can be dropped without loss.
    const bool fits = share->settle(response.body.size());
    if (!fits && !is_refused && exchange.method == "GET" && response.body.size() > small_memory)
        co_return parts_.turned_away(Refused::bodies);
    co_return response;
}

// Takes what another thread gives, once, if it still is what is waited for.
template <class T> std::function<void(T)> Connection::taker(std::optional<T> Connection::*given, State while_waiting) {
    return [gate = gate_, weak = weak_from_this(), serial = serial_, given, while_waiting](T what) {
        const shared::Lock lock(gate->mutex);
        if (!gate->open) return;
        const auto self = weak.lock();
        if (!self) return;
        net::dispatch(self->parts_.stream.executor(), [self, serial, given, while_waiting, what = std::move(what)]() mutable {
            if (serial != self->serial_ || (*self).*given) return;
            (*self).*given = std::move(what);
            if (self->state_ != while_waiting) return;
            self->parts_.stream.cancel();
            self->wake_.cancel();
        });
    };
}

Respond Connection::responder() { return taker(&Connection::answer_, State::handling); }
std::function<void(std::string)> Connection::piece_taker() { return taker(&Connection::piece_, State::streaming); }

// Reads on while it waits, to learn when the client goes away; what comes is kept for the next request.
net::awaitable<Response> Connection::have_answered(Exchange &exchange, Request request) {
    std::stop_source stop;
    request.client_gone = stop.get_token();
    answer_.reset();
    ++serial_;
    exchange.admission->answer(std::move(request), responder());
    state_ = State::handling;
    Input &input = parts_.input;
    while (!answer_) {
        if (!input.has_ended() && input.bytes().size() < parts_.limits->headers) {
            if (co_await input.receive(RequestReader::small_read) || answer_ || !input.has_ended()) continue;
            stop.request_stop();
        } else {
            wake_.expires_at(Clock::time_point::max());
            co_await wake_.async_wait(as_values);
        }
    }
    state_ = State::reading;
    co_return std::move(*answer_);
}

net::awaitable<bool> Connection::write(const Exchange &exchange, Response response) {
    if (response.source && !exchange.head_only) co_return co_await write_pieces(exchange, response);
    write_problem(response, parts_.problem_form, exchange.id);
    const std::size_t bytes = exchange.head_only ? 0 : response.body.size();
    std::string message = head_text(response, exchange.id, exchange.close, exchange.http_1_0);
    std::string body = exchange.head_only ? std::string() : std::move(response.body);
    if (body.size() <= Input::most_at_once) {
        message += body;
        body.clear();
    }
    begin_writing();
    const std::function<void(bool)> on_progress = [this](bool moved) {
        if (moved || !server_.in_flight.draining()) arm_for_answer(); // it moves, if slowly
    };
    const bool sent =
        co_await parts_.output.send(message, on_progress) && (body.empty() || co_await parts_.output.send(body, on_progress));
    note_answered(exchange, response.status, bytes, sent);
    co_return sent;
}

void Connection::note_answered(const Exchange &exchange, unsigned status, std::size_t bytes, bool sent) {
    if (!sent) state_ = State::broken;
    if (!sent && parts_.deadline.has_passed()) server_.refusals.add(Refused::response_time);
    log(exchange, status, bytes, sent);
    server_.metrics->request(exchange.info.route, exchange.method, status, Clock::now() - exchange.begun);
}

void Connection::begin_writing() {
    const auto now = parts_.arm(std::min(parts_.limits->idle_time, parts_.limits->response_time));
    answer_ends_at_ = now + parts_.limits->response_time;
    state_ = State::writing;
    parts_.progress.begin(now);
}

void Connection::arm_for_answer() {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(answer_ends_at_ - Clock::now());
    parts_.arm(std::max(std::min(parts_.limits->idle_time, left), std::chrono::milliseconds(1)));
}

void Connection::log(const Exchange &exchange, unsigned status, std::size_t bytes, bool sent) const {
    const auto level = is_routine(exchange.info.route) && status < 400 ? spdlog::level::debug : spdlog::level::info;
    if (!server_.log->should_log(level)) return;
    const auto took = std::chrono::duration<double, std::milli>(Clock::now() - exchange.begun).count();
    const auto path = std::string_view(exchange.target).substr(0, exchange.target.find('?'));
    server_.log->log(level, "{}{}",
                     LogFields{{"target", exchange.subject.target},
                               {"request", exchange.id},
                               {"operation", exchange.subject.operation},
                               {"method", std::string_view(exchange.method).substr(0, 32)},
                               {"path", path},
                               {"status", std::int64_t{status}},
                               {"bytes", static_cast<std::int64_t>(bytes)},
                               {"duration_ms", took},
                               {"client", parts_.peer->address}},
                     sent ? "answered" : "the client is gone");
}

// Only for a request whose head was complete: without it there is nothing to log.
void Connection::note_abandoned(const Exchange &exchange) {
    if (exchange.client != Exchange::Client::left || exchange.target.empty() || !exchange.admission) return;
    ++server_.abandoned;
    server_.log->info("{}the client left before its request was whole: nothing was done",
                      LogFields{{"target", exchange.subject.target},
                                {"request", exchange.id},
                                {"operation", exchange.subject.operation},
                                {"method", std::string_view(exchange.method).substr(0, 32)},
                                {"path", std::string_view(exchange.target).substr(0, exchange.target.find('?'))},
                                {"client", parts_.peer->address}});
}

// A close with bytes unread would be a reset, which may destroy the answer before the client has read it.
net::awaitable<void> Connection::linger() {
    const bool is_open = parts_.stream.end_sending();
    state_ = State::lingering;
    parts_.waiting.begin(Waiting::For::rest, parts_.arm(linger_time));
    std::size_t total = 0;
    while (is_open && total < linger_bytes) {
        parts_.input.clear();
        if (!co_await parts_.input.receive_much()) break;
        total += parts_.input.bytes().size();
    }
}

} // namespace rsf::http
