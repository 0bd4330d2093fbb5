// SPDX-License-Identifier: Apache-2.0
//
// The small words of HTTP's grammar (RFC 9110, 5.6) and of messages about them. Pure.
#pragma once

#include "text.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace rsf::daemon {

// Equal, ASCII case ignored.
inline bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// What no part of a head may hold; the tab may stand in values.
inline bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }

// Without the spaces and tabs around it.
inline std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace rsf::daemon
