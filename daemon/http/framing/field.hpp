// SPDX-License-Identifier: Apache-2.0
//
// Header lines, as heads and trailers have them (RFC 9112, 5). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rsf::http {

// Why the bytes of a request are refused.
struct FramingFault {
    unsigned status = 400;
    std::string detail;
};

// What is wrong with a header line (without its line end, and not empty), as a sentence.
std::optional<std::string> fault_in_field(std::string_view line);

} // namespace rsf::http
