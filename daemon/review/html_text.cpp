// SPDX-License-Identifier: Apache-2.0
#include "review/html_text.hpp"

#include "text.hpp"

#include <algorithm>

namespace rsf::daemon {

namespace {

// U+202A to U+202E and U+2066 to U+2069: a line that holds them can be shown as another than it is.
bool turns_text(std::string_view text) {
    if (text.size() < 3 || text[0] != '\xE2') return false;
    return (text[1] == '\x80' && text[2] >= '\xAA' && text[2] <= '\xAE') ||
           (text[1] == '\x81' && text[2] >= '\xA6' && text[2] <= '\xA9');
}

void add_line(std::string &out, std::string_view line) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (std::size_t i = 0; i < line.size(); ++i) {
        switch (line[i]) {
        case '&': out += "&amp;"; continue;
        case '<': out += "&lt;"; continue;
        case '>': out += "&gt;"; continue;
        case '"': out += "&quot;"; continue;
        case '\'': out += "&#39;"; continue;
        default: break;
        }
        if (turns_text(line.substr(i, 3))) {
            const unsigned code = line[i + 1] == '\x80' ? 0x2000u : 0x2040u;
            const unsigned point = code + (static_cast<unsigned char>(line[i + 2]) & 0x3Fu);
            out += "\\u20";
            out += digits[(point >> 4) & 15];
            out += digits[point & 15];
            i += 2;
        } else {
            out += line[i];
        }
    }
}

} // namespace

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    while (!text.empty()) {
        const std::size_t run = std::min(text.find_first_of("\n\t"), text.size());
        add_line(out, printable(text.substr(0, run), run * 4 + 1));
        if (run < text.size()) out += text[run];
        text.remove_prefix(std::min(run + 1, text.size()));
    }
    return out;
}

} // namespace rsf::daemon
