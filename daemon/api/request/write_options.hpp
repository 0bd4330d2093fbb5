// SPDX-License-Identifier: Apache-2.0
//
// What the head of a write asks for besides the write itself. Pure.
#pragma once

#include "api/answer/problems.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace rsf::api {

struct WriteOptions {
    bool is_async = false; // Prefer: respond-async (RFC 7240, 4.1)
    std::optional<std::chrono::seconds>
        wait;           // Prefer: wait=N (4.3): how long an asynchronous answer may take to become the usual one
    std::string key;    // Idempotency-Key, without quotes; empty: none
    std::string reason; // Resourcifier-Reason; empty: none
};

// A preference that can't be met is ignored, as RFC 7240 has it. A 400 problem: a key or a reason that breaks its grammar, or
// stands there twice.
OrProblem<WriteOptions> read_write_options(const Headers &headers);

} // namespace rsf::api
