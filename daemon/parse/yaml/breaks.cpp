// SPDX-License-Identifier: Apache-2.0
#include "parse/yaml/breaks.hpp"

namespace rsf::parse {

namespace {

constexpr std::size_t separator_size = 3;

bool is_separator(std::string_view text, std::size_t at) {
    return text.substr(at, 2) == "\xE2\x80" && at + 2 < text.size() && (text[at + 2] == '\xA8' || text[at + 2] == '\xA9');
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// How long the sequence is that begins with this byte, in well-formed UTF-8; 0: none begins with it.
std::size_t length_of(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

} // namespace

std::size_t find_separator(std::string_view text, std::size_t from) {
    for (std::size_t at = text.find('\xE2', from); at != std::string_view::npos; at = text.find('\xE2', at + 1))
        if (is_separator(text, at)) return at;
    return std::string_view::npos;
}

std::size_t count_separators(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = find_separator(text); at != std::string_view::npos; at = find_separator(text, at + separator_size))
        ++count;
    return count;
}

bool has_unknown_breaks(std::string_view text) {
    for (std::size_t at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1))
        if (text.substr(at + 1, 1) != "\n") return true;
    return find_separator(text) != std::string_view::npos;
}

std::string with_known_breaks(std::string_view text) {
    std::string known;
    known.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (is_separator(text, at)) {
            while (!known.empty() && is_blank(known.back())) known.pop_back();
            known += text.substr(at, separator_size);
            at += separator_size;
            while (at < text.size() && is_blank(text[at])) ++at;
        } else {
            const bool is_alone = text[at] == '\r' && text.substr(at + 1, 1) != "\n";
            known += is_alone ? '\n' : text[at];
            ++at;
        }
    }
    return known;
}

std::string with_whole_escapes(std::string_view text) {
    std::string whole;
    whole.reserve(text.size() + 8);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = length_of(static_cast<unsigned char>(text[at]));
        if (length == 0) whole += '\xC2';
        const std::size_t taken = length == 0 ? 1 : length;
        whole += text.substr(at, taken);
        at += taken;
    }
    return whole;
}

} // namespace rsf::parse
