// SPDX-License-Identifier: Apache-2.0
//
// A request and its answer as plain values, apart from any socket. No shared state: thread-safe as values are.
#pragma once

#include "base/budget.hpp"
#include "http/syntax.hpp"
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

inline std::vector<std::string_view> header_values(const Headers &headers, std::string_view name) {
    std::vector<std::string_view> values;
    for (const auto &[key, value] : headers)
        if (same_word(key, name)) values.push_back(value);
    return values;
}

struct Request {
    std::string method;
    std::string target; // in origin form: a path, then perhaps a query; or "*"
    Headers headers;
    std::string body;
    std::string id;                                        // X-Request-Id, as taken or made
    std::stop_token client_gone{};                         // nobody waits for the answer any more
    std::shared_ptr<const parse::Limits> limits = nullptr; // for reading the body; null: the defaults
    std::shared_ptr<Share> share = nullptr;                // of the memory that bodies may take; null: it does not count
};

struct Problem;

struct Response {
    unsigned status = 500;
    std::string content_type; // empty: no body
    std::string body;
    Headers headers;
    std::shared_ptr<const Problem> problem = nullptr; // what the body is to tell, until write_problem() has written it
};

// Called exactly once, on any thread.
using Respond = std::function<void(Response)>;

std::string_view reason_phrase(unsigned status);

} // namespace rsf::http
