// SPDX-License-Identifier: Apache-2.0
//
// Answers that come in pieces, such as events. Between two pieces the connection reads on, to learn when the client leaves.
#include "http/connection/connection.hpp"
#include "http/connection/request_reader.hpp"
#include "http/framing/answer_head.hpp"

#include <spdlog/fmt/fmt.h>

namespace rsf::http {

namespace {

constexpr std::string_view last_chunk = "0\r\n\r\n";

std::string chunk_of(std::string_view piece) { return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece); }

} // namespace

net::awaitable<bool> Connection::write_pieces(const Exchange &exchange, const Response &response) {
    bool sent = co_await write_piece(head_text(response, exchange.id, exchange.close, exchange.http_1_0));
    std::size_t bytes = 0;
    while (sent) {
        const std::optional<std::string> piece = co_await next_piece(*response.source);
        const bool is_cut = !piece && server_.in_flight.draining(); // its client is told nothing more, and asks again
        if (!piece && !is_cut) sent = false;
        const bool is_end = !piece || piece->empty();
        if (!sent || (is_end && exchange.http_1_0)) break;
        bytes += is_end ? 0 : piece->size();
        const std::string text = is_end ? std::string(last_chunk) : exchange.http_1_0 ? *piece : chunk_of(*piece);
        sent = co_await write_piece(text);
        if (is_end) break;
    }
    note_answered(exchange, response.status, bytes, sent);
    co_return sent;
}

// A client that takes a piece more slowly than an answer may be taken is cut off; what it does not read is not kept for it.
net::awaitable<bool> Connection::write_piece(std::string_view bytes) {
    begin_writing();
    const bool sent = co_await parts_.output.send(bytes);
    const bool goes_on = parts_.waiting.end();
    if (sent && goes_on) parts_.deadline.disarm();
    co_return sent &&goes_on;
}

// None: the client left, or the server goes down.
net::awaitable<std::optional<std::string>> Connection::next_piece(BodySource &source) {
    piece_.reset();
    ++serial_;
    source.next(piece_taker());
    state_ = State::streaming;
    Input &input = parts_.input;
    while (!piece_) {
        if (server_.in_flight.draining() || input.has_ended()) co_return std::nullopt;
        if (input.bytes().size() < parts_.limits->headers) {
            static_cast<void>(co_await input.receive(RequestReader::small_read));
        } else {
            wake_.expires_at(Clock::time_point::max());
            co_await wake_.async_wait(as_values);
        }
    }
    co_return std::move(piece_);
}

} // namespace rsf::http
