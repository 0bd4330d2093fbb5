// SPDX-License-Identifier: Apache-2.0
#include "parse/yaml/quotes.hpp"

#include <algorithm>

namespace rsf::parse {

namespace {

constexpr std::size_t none = std::string_view::npos;

// The offset of the quote that closes the one at offset, or none.
std::size_t closing_quote(std::string_view text, std::size_t offset) {
    const char quote = text[offset];
    for (std::size_t i = offset + 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return i;
            ++i;
        }
    }
    return none;
}

bool is_quote(char c) { return c == '"' || c == '\''; }

} // namespace

std::size_t skip_properties(std::string_view text, std::size_t offset, bool tags) {
    while (offset < text.size()) {
        const char c = text[offset];
        if (c == '&' || (tags && c == '!'))
            offset = text.find_first_of(" \t\r\n", offset);
        else if (c == '#')
            offset = text.find('\n', offset);
        else if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            ++offset;
        else
            return offset;
    }
    return text.empty() ? 0 : text.size() - 1;
}

std::string_view quoted_at(std::string_view text, std::size_t offset) {
    offset = skip_properties(text, offset, true);
    if (offset >= text.size() || !is_quote(text[offset])) return {};
    const std::size_t end = closing_quote(text, offset);
    return end == none ? std::string_view() : text.substr(offset, end + 1 - offset);
}

bool quotes_are_closed(std::string_view text, std::size_t offset) {
    offset = skip_properties(text, offset, true);
    return offset >= text.size() || !is_quote(text[offset]) || closing_quote(text, offset) != none;
}

std::size_t breaks_before_closing_quote(std::string_view text, std::size_t offset) {
    offset = skip_properties(text, offset, true);
    if (offset >= text.size() || !is_quote(text[offset])) return 0;
    const std::size_t end = std::min(closing_quote(text, offset), text.size());
    std::size_t breaks = 0;
    for (std::size_t i = end; i-- > offset + 1;) {
        if (text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n'))
            ++breaks;
        else if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            break;
    }
    return breaks;
}

bool one_scalar_follows(std::string_view text, std::size_t offset) {
    if (offset >= text.size() || text[offset] == '&' || text[offset] == '!' || text[offset] == '*') return false;
    std::size_t colon = offset;
    if (is_quote(text[offset])) {
        const std::string_view line = text.substr(0, text.find('\n', offset));
        const std::size_t quote = closing_quote(line, offset);
        if (quote == none) return false;
        colon = line.find_first_not_of(' ', quote + 1);
    } else {
        while (colon < text.size() && text[colon] != '\n' && (text[colon] != ':' || text.substr(colon + 1, 1) != " ")) ++colon;
    }
    if (colon >= text.size() || text[colon] != ':') return false;
    const std::size_t value = text.find_first_not_of(' ', colon + 1);
    return value != none && std::string_view("|>'\"").find(text[value]) != none;
}

} // namespace rsf::parse
