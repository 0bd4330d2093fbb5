// SPDX-License-Identifier: Apache-2.0
#include "render/visible_text.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstdio>

namespace rsf::render {

namespace {

// U+202A to U+202E and U+2066 to U+2069.
bool turns_text(std::string_view text) {
    if (text.size() < 3 || text[0] != '\xE2') return false;
    return (text[1] == '\x80' && text[2] >= '\xAA' && text[2] <= '\xAE') ||
           (text[1] == '\x81' && text[2] >= '\xA6' && text[2] <= '\xA9');
}

} // namespace

std::string visible_line(std::string_view text, std::size_t limit) {
    const std::string line = printable(text, limit);
    std::string_view rest = line;
    std::string out;
    for (std::size_t at = rest.find('\xE2'); at != std::string_view::npos; at = rest.find('\xE2')) {
        out += rest.substr(0, at);
        rest.remove_prefix(at);
        if (turns_text(rest)) {
            char written[8];
            const unsigned row = rest[1] == '\x80' ? 0x2000u : 0x2040u;
            std::snprintf(written, sizeof written, "\\u%04X", row + (static_cast<unsigned char>(rest[2]) & 0x3Fu));
            out += written;
        } else {
            out += rest.substr(0, 3);
        }
        rest.remove_prefix(3);
    }
    return out.append(rest);
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

} // namespace rsf::render
