// SPDX-License-Identifier: Apache-2.0
//
// Limits on what clients may cost the daemon. Plain values.
#pragma once

#include "parse/limits.hpp"

#include <chrono>
#include <cstddef>

namespace rsf::http {

struct HttpLimits {
    std::size_t body = 8u << 20;
    std::size_t headers = 16u << 10; // bytes of the head
    std::size_t header_count = 100;
    std::chrono::milliseconds header_time{10'000};
    std::chrono::milliseconds request_time{30'000};  // head and body
    std::chrono::milliseconds response_time{60'000}; // from an answer's first byte to its last
    std::chrono::milliseconds idle_time{
        100'000}; // clients written in Go close after 90 s, and lose a request that crosses a close
    parse::Limits parse;
    // Of all clients together:
    std::size_t connections = 4000;  // open at once
    std::size_t requests = 1000;     // worked on at once, or waiting for it
    std::size_t bodies = 256u << 20; // bytes of bodies and answers in memory, with what is made of them

    friend bool operator==(const HttpLimits &, const HttpLimits &) = default;
};

} // namespace rsf::http
