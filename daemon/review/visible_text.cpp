// SPDX-License-Identifier: Apache-2.0
#include "review/visible_text.hpp"

#include "text.hpp"

#include <algorithm>
#include <cstdio>

namespace rsf::daemon {

namespace {

// U+202A to U+202E and U+2066 to U+2069.
bool turns_text(std::string_view text) {
    if (text.size() < 3 || text[0] != '\xE2') return false;
    return (text[1] == '\x80' && text[2] >= '\xAA' && text[2] <= '\xAE') ||
           (text[1] == '\x81' && text[2] >= '\xA6' && text[2] <= '\xA9');
}

} // namespace

std::string visible_line(std::string_view text, std::size_t limit) {
    std::string line = printable(text, limit);
    for (std::size_t at = line.find('\xE2'); at != std::string::npos; at = line.find('\xE2', at + 1)) {
        if (!turns_text(std::string_view(line).substr(at))) continue;
        char written[8];
        const unsigned code = (line[at + 1] == '\x80' ? 0x2000u : 0x2040u) + (static_cast<unsigned char>(line[at + 2]) & 0x3Fu);
        std::snprintf(written, sizeof written, "\\u%04X", code);
        line.replace(at, 3, written);
    }
    return line;
}

std::string visible_lines(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t run = std::min(text.find_first_of("\n\t"), text.size());
        out += visible_line(text.substr(0, run), run * 4 + 1);
        if (run < text.size()) out += text[run];
        text.remove_prefix(std::min(run + 1, text.size()));
    }
    return out;
}

} // namespace rsf::daemon
