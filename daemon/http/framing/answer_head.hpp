// SPDX-License-Identifier: Apache-2.0
//
// The head of an answer as bytes, and helpers for a request's headers. Pure, except for new request ids and the date.
#pragma once

#include "http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rsf::http {

// Status line and headers, to the empty line. http_1_0: for a client that closes the connection unless told to keep it, and that
// knows no chunks: the end of a body in pieces is the connection's.
std::string head_text(const Response &response, std::string_view request_id, bool close, bool http_1_0);

// Whether a comma-separated list has a word, case ignored.
bool has_token(std::string_view list, std::string_view word);

// 128 random bits, in hexadecimal.
std::string make_request_id();

// The client's X-Request-Id if it is one that logs can carry: given once, printable ASCII without spaces, at most 128 bytes.
std::optional<std::string> given_request_id(const Headers &headers);

} // namespace rsf::http
