// SPDX-License-Identifier: Apache-2.0
#include "render/markdown_text.hpp"

#include "render/visible_text.hpp"

#include <algorithm>

namespace rsf::render {

namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

std::string entity(char c) { return "&#" + std::to_string(static_cast<int>(static_cast<unsigned char>(c))) + ";"; }

} // namespace

// Hosts look for mentions and issues in the text that the entities stand for: a zero-width space prevents that.
std::string markdown_prose(std::string_view text, std::size_t limit) {
    const std::string line = visible_line(text, limit);
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool before_blank = i + 1 < line.size() && line[i + 1] == ' ';
        if (is_word(c) || std::string_view(" ,;=%'\"/?+.-").find(c) != std::string_view::npos || (c == ':' && before_blank))
            out += c;
        else
            out += entity(c);
        if (c == '@' || c == '#') out += "\u200B";
    }
    return out;
}

// A code span where the text is safe in one, since it is easier to read in an e-mail; hosts look for mentions in neither form.
std::string markdown_code(std::string_view text, std::size_t limit) {
    const std::string line = visible_line(text, limit);
    const bool simple = !line.empty() && std::ranges::all_of(line, [](char c) {
        return is_word(c) || std::string_view(".-_/=,:+%$()[]{}'").find(c) != std::string_view::npos;
    });
    if (simple) return "`" + line + "`";
    std::string out = "<code>";
    for (const char c : line) {
        if (is_word(c) || c == ' ' || c == '.' || c == '-' || c == '/')
            out += c;
        else
            out += entity(c);
    }
    return out + "</code>";
}

std::string markdown_fence(std::string_view language, std::string_view lines) {
    const std::string text = visible_lines(lines);
    std::size_t run = 0, longest = 2;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    return fence + std::string(language) + "\n" + text + (text.ends_with('\n') || text.empty() ? "" : "\n") + fence + "\n";
}

std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace rsf::render
