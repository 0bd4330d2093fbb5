// SPDX-License-Identifier: Apache-2.0
#include "masking/text_view.hpp"

#include "masking/base64.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace rsf::masking {

namespace {

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char small = static_cast<char>(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// The number that count hexadecimal digits at a place are; -1: they are no such digits.
int hex_number(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return -1;
    int number = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        const int digit = hex_digit(text[i]);
        if (digit < 0) return -1;
        number = number * 16 + digit;
    }
    return number;
}

std::string utf8(std::uint32_t code) {
    std::string bytes;
    const auto tail = [&](int shift) { bytes += static_cast<char>(0x80U | (code >> shift & 0x3fU)); };
    if (code < 0x80) return {static_cast<char>(code)};
    if (code < 0x800) {
        bytes += static_cast<char>(0xc0U | code >> 6U);
        tail(0);
    } else if (code < 0x10000) {
        bytes += static_cast<char>(0xe0U | code >> 12U);
        tail(6);
        tail(0);
    } else {
        bytes += static_cast<char>(0xf0U | code >> 18U);
        tail(12);
        tail(6);
        tail(0);
    }
    return bytes;
}

struct Escape {
    std::size_t size; // of its spelling
    std::string bytes;
};

Escape unicode_escape(std::string_view text, std::size_t at) {
    const int first = hex_number(text, at + 2, 4);
    if (first < 0) return {1, "\\"};
    const bool is_pair = first >= 0xd800 && first < 0xdc00 && text.substr(at + 6, 2) == "\\u";
    const int second = is_pair ? hex_number(text, at + 8, 4) : -1;
    if (second < 0xdc00 || second > 0xdfff) return {6, utf8(static_cast<std::uint32_t>(first))};
    return {12,
            utf8(0x10000U + (static_cast<std::uint32_t>(first - 0xd800) << 10U) + static_cast<std::uint32_t>(second - 0xdc00))};
}

// Go's \x1b, which is a byte.
Escape byte_escape(std::string_view text, std::size_t at) {
    const int byte = hex_number(text, at + 2, 2);
    if (byte < 0) return {1, "\\"};
    return {4, std::string(1, static_cast<char>(byte))};
}

// Go's \U0001f600.
Escape long_unicode_escape(std::string_view text, std::size_t at) {
    const int code = text.substr(at + 2, 2) == "00" ? hex_number(text, at + 4, 6) : -1;
    if (code < 0 || code > 0x10ffff) return {1, "\\"};
    return {10, utf8(static_cast<std::uint32_t>(code))};
}

Escape escape_at(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) return {1, "\\"};
    switch (text[at + 1]) {
    case 'a': return {2, "\a"};
    case 'v': return {2, "\v"};
    case 'x': return byte_escape(text, at);
    case 'U': return long_unicode_escape(text, at);
    case 'n': return {2, "\n"};
    case 't': return {2, "\t"};
    case 'r': return {2, "\r"};
    case 'b': return {2, "\b"};
    case 'f': return {2, "\f"};
    case 'u': return unicode_escape(text, at);
    case '"':
    case '\'':
    case '\\':
    case '/':
    case '\n': return {2, std::string(1, text[at + 1])};
    default: return {1, "\\"};
    }
}

// The character of an entity ("&quot;") at a place; size 1: there is none.
Escape entity_at(std::string_view text, std::size_t at) {
    struct Named {
        std::string_view name;
        const char *bytes;
    };
    constexpr Named named[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}};
    for (const Named &each : named)
        if (text.substr(at, each.name.size()) == each.name) return {each.name.size(), each.bytes};
    const std::size_t end = text.substr(0, at + 11).find(';', at); // "&#x0010ffff;" is longer than any that is written
    if (text.substr(at, 2) != "&#" || end == text.npos) return {1, "&"};
    const bool is_hex = text.substr(at + 2, 1) == "x" || text.substr(at + 2, 1) == "X";
    const char *first = text.data() + at + (is_hex ? 3 : 2), *last = text.data() + end;
    std::uint32_t code = 0;
    const auto read = std::from_chars(first, last, code, is_hex ? 16 : 10);
    if (first == last || read.ec != std::errc() || read.ptr != last || code > 0x10ffff) return {1, "&"};
    return {end + 1 - at, utf8(code)};
}

TextView like(const TextView &view) {
    TextView result;
    result.has_places = view.has_places;
    return result;
}

// view with what begins with mark as escape_of reads it; nothing where that changes nothing.
std::optional<TextView> read_with(const TextView &view, char mark, Escape (*escape_of)(std::string_view text, std::size_t at)) {
    if (view.text.find(mark) == std::string::npos) return std::nullopt;
    TextView result = like(view);
    for (std::size_t i = 0; i < view.text.size();) {
        const Escape escape = view.text[i] == mark ? escape_of(view.text, i) : Escape{1, std::string(1, view.text[i])};
        for (const char c : escape.bytes) result.add(c, view, i, i + escape.size - 1);
        i += escape.size;
    }
    if (result.text == view.text) return std::nullopt;
    return result;
}

TextView decoded_run(const TextView &view, std::size_t from, std::size_t to) {
    TextView decoded = like(view);
    std::uint32_t bits = 0;
    for (std::size_t i = from; i < to; ++i) {
        bits = bits << 6U | static_cast<std::uint32_t>(base64_digit(view.text[i]));
        const std::size_t place = (i - from) % 4;
        if (place != 0) decoded.add(static_cast<char>(bits >> (6 - 2 * place) & 0xffU), view, i - 1, i);
    }
    return decoded;
}

} // namespace

TextView TextView::of(std::string_view text, bool with_places) {
    TextView view;
    view.text = text;
    view.has_places = with_places;
    if (!with_places) return view;
    view.begin.resize(text.size());
    view.end.resize(text.size());
    for (std::uint32_t i = 0; i < text.size(); ++i) view.end[i] = (view.begin[i] = i) + 1;
    return view;
}

void TextView::add(char c, const TextView &from, std::size_t first, std::size_t last) {
    text += c;
    if (!has_places) return;
    begin.push_back(from.begin[first]);
    end.push_back(from.end[last]);
}

TextView without_spaces(const TextView &view) {
    TextView result = like(view);
    for (std::size_t i = 0; i < view.text.size(); ++i)
        if (!is_white(view.text[i])) result.add(view.text[i], view, i, i);
    return result;
}

std::string without_spaces(std::string_view text) {
    std::string result;
    for (const char c : text)
        if (!is_white(c)) result += c;
    return result;
}

std::optional<TextView> unescaped(const TextView &view) { return read_with(view, '\\', escape_at); }

std::optional<TextView> percent_decoded(const TextView &view, bool plus_is_space) {
    if (view.text.find('%') == std::string::npos) return std::nullopt;
    if (plus_is_space && view.text.find('+') == std::string::npos) return std::nullopt;
    TextView result = like(view);
    for (std::size_t i = 0; i < view.text.size(); ++i) {
        const int number = view.text[i] == '%' ? hex_number(view.text, i + 1, 2) : -1;
        if (number >= 0) {
            result.add(static_cast<char>(number), view, i, i + 2);
            i += 2;
        } else {
            result.add(plus_is_space && view.text[i] == '+' ? ' ' : view.text[i], view, i, i);
        }
    }
    if (result.text == view.text) return std::nullopt;
    return result;
}

std::optional<TextView> without_entities(const TextView &view) { return read_with(view, '&', entity_at); }

std::optional<TextView> without_doubled_quotes(const TextView &view) {
    TextView result = like(view);
    for (std::size_t i = 0; i < view.text.size(); ++i) {
        const char c = view.text[i];
        const bool is_doubled = (c == '\'' || c == '"') && i + 1 < view.text.size() && view.text[i + 1] == c;
        result.add(c, view, i, is_doubled ? i + 1 : i);
        if (is_doubled) ++i;
    }
    if (result.text == view.text) return std::nullopt;
    return result;
}

void each_hex(const TextView &view, std::size_t least, const std::function<void(const TextView &)> &visit) {
    for (std::size_t from = 0; from < view.text.size();) {
        std::size_t to = from;
        while (to < view.text.size() && hex_digit(view.text[to]) >= 0) ++to;
        for (std::size_t first = from; first < from + 2 && first + 2 * least <= to; ++first) {
            TextView said = like(view);
            for (std::size_t i = first; i + 2 <= to; i += 2)
                said.add(static_cast<char>(hex_number(view.text, i, 2)), view, i, i + 1);
            visit(said);
        }
        from = to + 1;
    }
}

void each_base64(const TextView &view, std::size_t least, const std::function<void(const TextView &)> &visit) {
    for (std::size_t from = 0; from < view.text.size();) {
        std::size_t to = from;
        while (to < view.text.size() && base64_digit(view.text[to]) >= 0) ++to;
        for (std::size_t skip = 0; skip < 4; ++skip)
            if (to >= from + skip && (to - from - skip) * 3 / 4 >= least) visit(decoded_run(view, from + skip, to));
        from = to + 1;
    }
}

} // namespace rsf::masking
