// SPDX-License-Identifier: Apache-2.0
//
// Reads one request within the server's limits: its head, which the handler admits or refuses, then its body. Not thread-safe:
// one request, one owner.
#pragma once

#include "http/asio.hpp"
#include "http/connection/parts.hpp"
#include "http/framing/body_reader.hpp"
#include "http/framing/head.hpp"
#include "http/message.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace rsf::http {

class RequestReader {
  public:
    static constexpr std::size_t small_read = 4096;
    static constexpr std::chrono::milliseconds reserve_time{2000}; // for a head on a connection in the reserve

    RequestReader(ConnectionParts &parts, Exchange &exchange, Request &request)
        : parts_(parts), exchange_(exchange), request_(request) {}

    // What refuses the request, or nothing: it is whole, or the client is gone (exchange.client).
    net::awaitable<std::optional<Response>> read();

  private:
    using Refusal = std::optional<Response>;

    net::awaitable<Refusal> read_head(HeadJudge &judge);
    net::awaitable<Refusal> read_body(BodyReader &body);
    net::awaitable<Refusal> judge_expectation(bool has_body);
    Refusal parse_head(const HeadJudge &judge);
    Refusal refuse_by_head(const HeadJudge &judge);
    Refusal refuse_at_limits(const HeadJudge &judge);
    Response refuse_unread(const HeadJudge &judge, Response refusal);
    void note_client_left() { exchange_.client = Exchange::Client::left; }
    bool is_client_gone() const { return exchange_.client != Exchange::Client::there; }
    void begin_to_work();

    BodyReader::Bounds body_bounds() const;
    bool has_room_for(std::size_t body) const;
    Response too_large();
    Response too_slow(Refused what, std::string detail);

    ConnectionParts &parts_;
    Exchange &exchange_;
    Request &request_;
    bool skips_body_ = false; // waiting for it would hold a place that others need
};

} // namespace rsf::http
