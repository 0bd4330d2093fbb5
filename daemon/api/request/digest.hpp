// SPDX-License-Identifier: Apache-2.0
//
// What an Idempotency-Key stands for. Thread-safe.
#pragma once

#include "http/message.hpp"

#include <string>
#include <string_view>

namespace rsf::api {

// SHA-256, in hex, of what makes a write what it is: its method, target and query, and its body.
std::string digest_of(const http::Request &request, std::string_view target);

} // namespace rsf::api
