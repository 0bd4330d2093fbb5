// SPDX-License-Identifier: Apache-2.0
//
// Helpers for HTTP's grammar (RFC 9110, 5.6). Pure.
#pragma once

#include "base/text.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::http {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Equal, ASCII case ignored.
inline bool same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// Characters that are not allowed in a head; the tab is allowed in values.
inline bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

inline bool is_token_char(char c) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return is_alnum(c) || marks.find(c) != marks.npos;
}

// RFC 9110, 5.6.2
inline bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }

// Without the spaces and tabs around it.
inline std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The parts of text between separators, trimmed; quoted strings stay whole. At least one.
inline std::vector<std::string_view> split_list(std::string_view text, char separator = ',') {
    std::vector<std::string_view> parts;
    bool quoting = false;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoting && text[i] == '\\') {
            ++i;
        } else if (text[i] == separator && !quoting) {
            parts.push_back(trimmed(text.substr(start, i - start)));
            start = i + 1;
        } else if (text[i] == '"') {
            quoting = !quoting;
        }
    }
    parts.push_back(trimmed(text.substr(start)));
    return parts;
}

} // namespace rsf::http
