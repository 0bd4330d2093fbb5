// SPDX-License-Identifier: Apache-2.0
#include "parse/yaml/text.hpp"

#include "parse/number_text.hpp"
#include "parse/yaml/scalar.hpp"

#include <algorithm>
#include <array>

namespace rsf::parse {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Words that some version of YAML reads as something else, in any case.
bool is_taken_word(std::string_view text) {
    constexpr std::array<std::string_view, 11> words = {"y",  "yes", "n",    "no",  "true", "false",
                                                        "on", "off", "null", "nil", "nan"};
    std::string lower(text.substr(0, 6));
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return is_letter(c) ? static_cast<char>(c | 0x20) : c; });
    return std::find(words.begin(), words.end(), lower) != words.end();
}

// Whether no reader could take a text that begins with a digit for a number, a time or a date: "100Mi" but not "1e3" or "22:22".
bool is_no_number(std::string_view text) {
    return text.find_first_not_of("0123456789abcdefABCDEFxXoO_.,:+-tTzZ ") != std::string_view::npos;
}

bool may_be_plain(std::string_view text) {
    if (text.empty()) return false;
    const char first = text.front();
    const bool good_start = is_letter(first) || static_cast<unsigned char>(first) >= 0x80 || first == '_' || first == '/' ||
                            first == '(' || first == '$' || (is_digit(first) && is_no_number(text));
    if (!good_start || is_taken_word(text) || text.back() == ' ' || text.back() == ':') return false;
    if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
    return text.find_first_of("\n\t") == std::string_view::npos && is_plain_string(text);
}

// A literal block says line by line what the text is, if no reader's view of blank lines and indentation can matter.
bool may_be_literal(std::string_view text) {
    if (text.find('\n') == std::string_view::npos || text.ends_with("\n\n")) return false;
    if (text.front() == '\n' || text.front() == ' ' || text.front() == '\t') return false;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        if (!line.empty() && line.find_first_not_of(" \t") == std::string_view::npos) return false;
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return true;
}

void append_literal(std::string &out, std::string_view text, std::size_t indent) {
    out += text.ends_with('\n') ? "|\n" : "|-\n";
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        if (!line.empty()) out.append(indent, ' ');
        out += line;
        out += '\n';
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
}

void append_escape(std::string &out, unsigned point) {
    constexpr char hex[] = "0123456789ABCDEF";
    const int digits = point <= 0xFF ? 2 : 4;
    out += digits == 2 ? "\\x" : "\\u";
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += hex[point >> shift & 0xF];
}

// What a document can't hold as it is, beside ASCII controls: C1 controls, Unicode's line breaks, the byte order mark and the two
// code points that are no characters. 0: none begins here.
unsigned unprintable(std::string_view rest) {
    const auto byte = [&](std::size_t i) { return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0u; };
    if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return byte(1);
    const unsigned three = byte(0) << 16 | byte(1) << 8 | byte(2);
    switch (three) {
    case 0xE280A8: return 0x2028;
    case 0xE280A9: return 0x2029;
    case 0xEFBBBF: return 0xFEFF;
    case 0xEFBFBE: return 0xFFFE;
    case 0xEFBFBF: return 0xFFFF;
    default: return 0;
    }
}

bool needs_escapes(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F || (c >= 0x80 && unprintable(text.substr(i)) != 0)) return true;
    }
    return false;
}

void append_double_quoted(std::string &out, std::string_view text) {
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const unsigned point = static_cast<unsigned char>(c) >= 0x80 ? unprintable(text.substr(i)) : 0;
        if (point != 0) {
            append_escape(out, point);
            i += point <= 0xFF ? 1 : 2;
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            append_escape(out, static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    out += '"';
}

void append_quoted(std::string &out, std::string_view text, bool escapes) {
    const bool single =
        !escapes && text.find_first_of("\"\\") != std::string_view::npos && text.find_first_of("'\n\t") == std::string_view::npos;
    if (!single) return append_double_quoted(out, text);
    out += '\'';
    out += text;
    out += '\'';
}

} // namespace

void append_yaml_key(std::string &out, std::string_view text) {
    const bool escapes = needs_escapes(text);
    if (!escapes && may_be_plain(text))
        out += text;
    else
        append_quoted(out, text, escapes);
}

void append_yaml_string(std::string &out, std::string_view text, std::size_t indent) {
    const bool escapes = needs_escapes(text);
    if (!escapes && may_be_literal(text)) return append_literal(out, text, indent);
    append_yaml_key(out, text);
    out += '\n';
}

} // namespace rsf::parse
