// SPDX-License-Identifier: Apache-2.0
//
// A request and its answer as plain values, apart from any socket. No shared state: thread-safe as values are.
#pragma once

#include "base/budget.hpp"
#include "http/peer.hpp"
#include "http/problem_fwd.hpp"
#include "parse/limits.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::http {

using Header = std::pair<std::string, std::string>;
using Headers = std::vector<Header>;

// The values of every header of that name, ASCII case ignored, in order. They live as long as headers.
std::vector<std::string_view> header_values(const Headers &headers, std::string_view name);

struct Request {
    std::string method;
    std::string target; // in origin form: a path, then perhaps a query; or "*"
    Headers headers;
    std::string body;
    std::string id;                                        // X-Request-Id, as taken or made
    std::shared_ptr<const Peer> peer = nullptr;            // never null where it comes from a connection
    std::stop_token client_gone{};                         // stopped when the client no longer waits
    std::shared_ptr<const parse::Limits> limits = nullptr; // for reading the body; null: the defaults
    std::shared_ptr<Share> share = nullptr;                // of the memory for bodies; null: it is not counted
};

// A body that comes in pieces, as they are ready. Thread-safe.
class BodySource {
  public:
    virtual ~BodySource() = default;
    // ready: called once, with the next piece, or an empty one after the last: now, or later on any thread. It is destroyed
    // without a call when the source is. Not called again before that.
    virtual void next(std::function<void(std::string)> ready) = 0;
};

struct Response {
    unsigned status = 500;
    std::string content_type; // empty: no body
    std::string body;
    Headers headers;
    std::shared_ptr<const Problem> problem = nullptr; // what the body will say, until write_problem() has written it
    std::shared_ptr<BodySource> source = nullptr;     // of the body, in place of body
};

// Called exactly once, on any thread.
using Respond = std::function<void(Response)>;

std::string_view reason_phrase(unsigned status);

} // namespace rsf::http
