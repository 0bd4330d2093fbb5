// SPDX-License-Identifier: Apache-2.0
#include "http/connection/request_reader.hpp"

#include "http/framing/answer_head.hpp"
#include "http/syntax.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>

namespace rsf::http {

namespace {

namespace beast_http = boost::beast::http;

bool wants_close(const Headers &headers, bool http_1_0) {
    bool close = http_1_0;
    for (const std::string_view value : header_values(headers, "Connection")) {
        if (has_token(value, "close")) return true;
        if (has_token(value, "keep-alive")) close = false;
    }
    return close;
}

} // namespace

net::awaitable<std::optional<Response>> RequestReader::read() {
    HeadJudge judge(parts_.limits->headers, parts_.limits->header_count);
    exchange_.id = make_request_id();
    auto bad_head = co_await read_head(judge);
    begin_to_work();
    if (is_client_gone()) co_return std::nullopt;
    if (bad_head) co_return bad_head;

    if (auto bad = parse_head(judge)) co_return bad;
    const auto left = parts_.limits->request_time - (Exchange::Clock::now() - exchange_.begun);
    parts_.arm(std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left), std::chrono::milliseconds(1)));
    if (judge.content_length() > parts_.limits->body) co_return too_large();
    Refusal refusal = refuse_by_head(judge);
    if (skips_body_) co_return std::nullopt;
    if (!refusal) refusal = co_await judge_expectation(judge.has_body());
    if (refusal) co_return refuse_unread(judge, std::move(*refusal));
    request_.share = std::make_shared<Share>(parts_.server.bodies, parts_.limits->bodies);
    if (is_client_gone() || !judge.has_body()) co_return std::nullopt;
    request_.limits = std::shared_ptr<const parse::Limits>(parts_.limits.share(), &parts_.limits->parse);
    BodyReader body(judge, body_bounds());
    auto bad = co_await read_body(body);
    begin_to_work();
    if (is_client_gone()) co_return std::nullopt;
    if (!bad) request_.body = std::move(body.body());
    co_return bad;
}

// The connection no longer waits for its client; unless it was claimed: then it is evicted.
void RequestReader::begin_to_work() {
    if (!parts_.waiting.end()) exchange_.client = Exchange::Client::evicted;
}

// Refuses by the head alone, or sets the exchange's admission.
RequestReader::Refusal RequestReader::refuse_by_head(const HeadJudge &judge) {
    if (auto misdirected = parts_.server.hosts.refuse(judge.host(), parts_.peer->reach))
        return to_response(std::move(*misdirected));
    const bool is_probe = exchange_.info.priority == Priority::probe;
    if (judge.has_body() && is_probe && (parts_.is_reserved() || !has_room_for(judge.content_length()))) {
        skips_body_ = exchange_.close = exchange_.unread = true;
    } else if (parts_.is_reserved() && !is_probe) {
        return parts_.turned_away(parts_.reason());
    } else if (judge.has_body()) {
        if (auto refusal = refuse_at_limits(judge)) return refusal;
    }
    exchange_.admission = parts_.server.handler->admit(request_);
    exchange_.subject = exchange_.admission->subject();
    return judge.has_body() && !skips_body_ ? exchange_.admission->refusal(request_) : std::nullopt;
}

RequestReader::Refusal RequestReader::refuse_at_limits(const HeadJudge &judge) {
    if (!parts_.server.requests.has_room_for(1, parts_.limits->requests)) return parts_.turned_away(Refused::requests);
    if (!parts_.server.bodies->has_room_for(judge.content_length(), parts_.limits->bodies))
        return parts_.turned_away(Refused::bodies);
    return std::nullopt;
}

bool RequestReader::has_room_for(std::size_t body) const {
    return parts_.server.requests.has_room_for(1, parts_.limits->requests) &&
           parts_.server.bodies->has_room_for(body, parts_.limits->bodies);
}

// Where the part of the body that has arrived is badly framed, that takes precedence over the refusal: 400.
Response RequestReader::refuse_unread(const HeadJudge &judge, Response refusal) {
    BodyReader body(judge, body_bounds());
    if (body.take(parts_.input.bytes()) == BodyReader::Verdict::bad && body.fault().status == 400)
        refusal = parts_.fault(exchange_, 400, "bad-request", body.fault().detail);
    exchange_.close = exchange_.close || judge.has_body();
    exchange_.unread = judge.has_body();
    return refusal;
}

BodyReader::Bounds RequestReader::body_bounds() const {
    return {parts_.limits->body, parts_.limits->headers, parts_.limits->header_count};
}

net::awaitable<std::optional<Response>> RequestReader::read_head(HeadJudge &judge) {
    parts_.arm(parts_.is_reserved() ? std::min(parts_.limits->header_time, reserve_time) : parts_.limits->header_time);
    for (bool waits = false;; waits = true) {
        const auto verdict = judge.read(parts_.input.bytes());
        exchange_.method = judge.method().empty() ? "-" : judge.method();
        exchange_.target = judge.target();
        exchange_.http_1_0 = judge.is_http_1_0();
        if (verdict != HeadJudge::Verdict::more)
            exchange_.info = parts_.server.handler->route_info(exchange_.method, exchange_.target);
        if (verdict == HeadJudge::Verdict::whole) co_return std::nullopt;
        if (verdict == HeadJudge::Verdict::bad) {
            exchange_.unread = true;
            parts_.problem_form = problem_form(parts_.input.bytes());
            co_return parts_.fault(exchange_, judge.fault().status, "bad-request", judge.fault().detail);
        }
        if (!waits) parts_.waiting.begin(Waiting::For::rest, Exchange::Clock::now());
        if (co_await parts_.input.receive(small_read)) continue;
        if (parts_.deadline.has_passed()) co_return too_slow(Refused::head_time, "The request's head took too long.");
        note_client_left();
        co_return std::nullopt;
    }
}

RequestReader::Refusal RequestReader::parse_head(const HeadJudge &judge) {
    const std::string_view bytes = parts_.input.bytes();
    parts_.problem_form = problem_form(bytes.substr(0, judge.end()));
    beast_http::request_parser<beast_http::empty_body> parser;
    parser.skip(true); // the body is BodyReader's
    parser.header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(parts_.limits->headers + 1024, 1u << 30)));
    boost::system::error_code failed;
    parser.put(net::buffer(bytes.data() + judge.begin(), judge.end() - judge.begin()), failed);
    if ((failed && failed != beast_http::error::need_more) || !parser.is_header_done()) {
        if (judge.content_length() > parts_.limits->body) return too_large();
        exchange_.unread = true;
        return parts_.fault(exchange_, 400, "bad-request", "The request's head is not HTTP/1.1: " + failed.message() + ".");
    }
    parts_.input.consume(judge.end());
    request_.method = judge.method();
    request_.target = judge.target();
    request_.peer = parts_.peer;
    for (const auto &field : parser.get()) request_.headers.emplace_back(field.name_string(), field.value());
    if (auto id = given_request_id(request_.headers)) exchange_.id = std::move(*id);
    request_.id = exchange_.id;
    exchange_.head_only = request_.method == "HEAD";
    exchange_.close = wants_close(request_.headers, judge.is_http_1_0());
    return std::nullopt;
}

net::awaitable<std::optional<Response>> RequestReader::judge_expectation(bool has_body) {
    const auto expected = header_values(request_.headers, "Expect");
    if (expected.empty() || exchange_.http_1_0) co_return std::nullopt;
    if (expected.size() > 1 || !same_word(expected[0], "100-continue"))
        co_return parts_.fault(exchange_, 417, "bad-expectation", "Only 'Expect: 100-continue' is known here.");
    if (!has_body || !parts_.input.empty()) co_return std::nullopt; // the client already sends its body without waiting
    parts_.progress.begin(Exchange::Clock::now());
    if (!co_await parts_.output.send("HTTP/1.1 100 Continue\r\n\r\n")) note_client_left();
    co_return std::nullopt;
}

net::awaitable<std::optional<Response>> RequestReader::read_body(BodyReader &body) {
    parts_.progress.begin(Exchange::Clock::now());
    for (;;) {
        const auto verdict = body.take(parts_.input.bytes());
        parts_.input.consume(body.used());
        if (!request_.share->grow_to(body.body().size())) {
            exchange_.unread = verdict != BodyReader::Verdict::whole;
            exchange_.close = exchange_.close || exchange_.unread;
            co_return parts_.turned_away(Refused::bodies);
        }
        if (verdict == BodyReader::Verdict::whole) co_return std::nullopt;
        if (verdict == BodyReader::Verdict::bad) {
            exchange_.unread = true;
            const auto &[status, detail] = body.fault();
            co_return parts_.fault(exchange_, status, status == 413 ? "too-large" : "bad-request", detail);
        }
        if (!co_await parts_.input.receive_much()) {
            if (parts_.deadline.has_passed()) co_return too_slow(Refused::request_time, "The request's body took too long.");
            note_client_left();
            co_return std::nullopt;
        }
        parts_.progress.moved(parts_.input.bytes().size());
    }
}

Response RequestReader::too_slow(Refused what, std::string detail) {
    parts_.server.refusals.add(what);
    return parts_.fault(exchange_, 408, "too-slow", std::move(detail));
}

Response RequestReader::too_large() {
    exchange_.unread = true;
    return parts_.fault(exchange_, 413, "too-large",
                        "The body is larger than the " + std::to_string(parts_.limits->body) + " bytes that are taken here.");
}

} // namespace rsf::http
