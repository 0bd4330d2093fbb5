// SPDX-License-Identifier: Apache-2.0
#include "parse/source_text.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace rsf::parse {

namespace {

// The code point that a well-formed UTF-8 sequence (RFC 3629) at the front of text says, and its length; 0: not well-formed.
std::size_t decode(std::string_view text, std::uint32_t &point) {
    const auto byte = [&](std::size_t i) -> std::uint32_t { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const std::uint32_t lead = byte(0);
    const std::size_t length = lead < 0x80                    ? 1
                               : lead >= 0xC2 && lead <= 0xDF ? 2
                               : (lead & 0xF0) == 0xE0        ? 3
                               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                              : 0;
    if (length == 0 || length > text.size()) return 0;
    point = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
        point = point << 6 | (byte(i) & 0x3F);
    }
    if (length == 3 && (point < 0x800 || (point >= 0xD800 && point <= 0xDFFF))) return 0;
    if (length == 4 && (point < 0x10000 || point > 0x10FFFF)) return 0;
    return length;
}

// Bytes that neither kind of text needs a second look at, eight at a time: nothing below 0x20, DEL or above 0x7F.
bool eight_plain(const char *at) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    const std::uint64_t below_space = (word - ones * 0x20) & ~word;
    const std::uint64_t del = word ^ (ones * 0x7F);
    const std::uint64_t is_del = (del - ones) & ~del;
    return ((word | below_space | is_del) & highs) == 0;
}

std::string bad_character(std::uint32_t point) {
    char name[16];
    std::snprintf(name, sizeof name, "U+%04X", point);
    if (point == 0x85)
        return "The text holds the line break U+0085, which YAML's versions read differently; write \"\\N\" in double quotes.";
    return std::string("The text holds the character ") + name +
           ", which YAML does not allow; in a string, write it as an escape in double quotes.";
}

bool allowed_in_yaml(std::uint32_t point) {
    if (point < 0x20) return point == '\t' || point == '\n' || point == '\r';
    if (point < 0xA0) return point < 0x7F;
    return point != 0xFEFF && point != 0xFFFE && point != 0xFFFF;
}

// Whether a text is in an encoding of two or four bytes, by its first bytes.
bool is_wide(std::string_view text) {
    return text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE") ||
           (text.size() >= 2 && (text[0] == '\0') != (text[1] == '\0')) ||
           (text.size() >= 4 && text.starts_with(std::string_view("\0\0", 2)) && (text[2] != '\0' || text[3] != '\0'));
}

} // namespace

std::string_view without_mark(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    return text;
}

Place place_at(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t line_start = before.rfind('\n') + 1; // npos + 1 is 0
    return {.file = {}, .line = lines + 1, .column = before.size() - line_start + 1, .pointer = {}};
}

std::optional<Error> find_bad_text(std::string_view text, TextKind kind) {
    const auto bad = [&](std::size_t offset, std::string message) {
        return invalid(std::move(message)).at(place_at(text, offset));
    };
    if (is_wide(text)) return bad(0, "The text is not UTF-8 but looks like UTF-16 or UTF-32; send UTF-8.");
    std::size_t i = 0;
    while (i < text.size()) {
        if (i + 8 <= text.size() && eight_plain(text.data() + i)) {
            i += 8;
            continue;
        }
        std::uint32_t point = 0;
        const std::size_t length = decode(text.substr(i), point);
        if (length == 0) return bad(i, "The text is not UTF-8 here; send UTF-8.");
        if (kind == TextKind::yaml && !allowed_in_yaml(point)) return bad(i, bad_character(point));
        i += length;
    }
    return std::nullopt;
}

} // namespace rsf::parse
