// SPDX-License-Identifier: Apache-2.0
#include "kubectl/errors/go_values.hpp"

#include <cstddef>
#include <string_view>

namespace rsf::kubectl::errors {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The end of what a quotation mark opens at a place; the text's end if it is not closed.
std::size_t end_of_quotes(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\' && quote == '"')
            ++i;
        else if (text[i] == quote)
            return i + 1;
    }
    return text.size();
}

// The end of what a bracket opens at a place, others within it; the text's end if it is not closed.
std::size_t end_of_brackets(std::string_view text, std::size_t at) {
    int open = 0;
    for (std::size_t i = at; i < text.size();) {
        const char c = text[i];
        if (c == '"' || c == '`') {
            i = end_of_quotes(text, i);
            continue;
        }
        if (c == '{' || c == '[' || c == '(') ++open;
        if ((c == '}' || c == ']' || c == ')') && --open == 0) return i + 1;
        ++i;
    }
    return text.size();
}

std::size_t end_of_word(std::string_view text, std::size_t at) {
    while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]))) ++at;
    return at;
}

// The end of the name of a type at a place, or npos: []v1.Port, map[string]interface {}, *core.Pod, string.
std::size_t end_of_type(std::string_view text, std::size_t at) {
    if (text.substr(at, 1) == "*") ++at;
    if (text.substr(at, 2) == "[]") return end_of_type(text, at + 2);
    if (text.substr(at, 4) == "map[") {
        const std::size_t key = end_of_type(text, at + 4);
        return key == text.npos || text.substr(key, 1) != "]" ? text.npos : end_of_type(text, key + 1);
    }
    if (text.substr(at, 12) == "interface {}") return at + 12;
    if (at >= text.size() || !is_letter(text[at])) return text.npos;
    const std::size_t end = end_of_word(text, at);
    const bool qualified = end + 1 < text.size() && text[end] == '.' && is_letter(text[end + 1]);
    return qualified ? end_of_word(text, end + 1) : end;
}

constexpr std::string_view wrapper = "value.valueUnstructured";
constexpr std::string_view unknown = "a value of another type";

// before: what stands before value. Go writes `&{x}` for a wrapped x, and for an object with the one field x.
std::string_view kind_of(std::string_view value, std::string_view before) {
    while (value.starts_with('&') || value.starts_with('*')) value.remove_prefix(1);
    if (value == wrapper) return unknown;
    if (value.starts_with(std::string(wrapper) + "{Value:")) return kind_of(value.substr(wrapper.size() + 7), {});
    if (value.starts_with("{[")) return "a list";
    if (value.starts_with('{') && !value.starts_with("{map[") && before.ends_with("got ")) return unknown;
    if (value.starts_with("[]")) return "a list";
    if (value.starts_with("map[")) return "a mapping";
    if (value.starts_with('"') || value.starts_with('`')) return "a string";
    if (value.starts_with("true") || value.starts_with("false")) return "a boolean";
    if (value.starts_with("interface {}(nil)") || value.starts_with("<nil>") || value.starts_with("nil")) return "nothing";
    if (!value.empty() && (is_digit(value.front()) || value.front() == '-' || value.front() == '+')) return "a number";
    return "an object";
}

// The end of a value that Go has written at a place, or npos: there is none.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    std::size_t from = at;
    if (text[from] == '&') ++from;
    if (from > at && text.substr(from, 1) == "{") { // &{...}
        // What was posted stands in it as it is, brackets too; a line ends with it.
        const std::size_t last =
            text.substr(0, at).ends_with("got ") ? text.substr(0, text.find('\n', from)).rfind('}') : text.npos;
        return last == text.npos || last < from ? end_of_brackets(text, from) : last + 1;
    }
    if (const std::size_t end = from + 1 + wrapper.size(); text[from] == '*' && text.substr(from + 1, wrapper.size()) == wrapper)
        return text.substr(end, 1) == "{" ? end_of_brackets(text, end) : end;
    if (text.substr(from, 2) == "(*") { // (*v1.Pod)(nil), (*int32)(0xc0001)
        const std::size_t type = end_of_brackets(text, from);
        return text.substr(type, 1) == "(" ? end_of_brackets(text, type) : text.npos;
    }
    const std::size_t type = end_of_type(text, from);
    const std::string_view name = type == text.npos ? std::string_view() : text.substr(from, type - from);
    const bool is_special = name.find_first_of(".[") != name.npos || name == "interface {}";
    if (is_special && (text.substr(type, 1) == "{" || text.substr(type, 5) == "(nil)")) return end_of_brackets(text, type);
    if (text.substr(from, 4) == "map[") return end_of_brackets(text, from + 3); // map[a:b c:d]
    return text.npos;
}

// Before it there is no part of the same word.
bool may_begin(std::string_view text, std::size_t at) {
    const char c = text[at];
    if (c != '&' && c != '*' && c != '[' && c != '(' && !is_letter(c)) return false;
    if (at == 0) return true;
    const char before = text[at - 1];
    return c == '&' || c == '(' || (!is_letter(before) && !is_digit(before) && before != '.' && before != ']' && before != '-');
}

// A line of a diff begins with '-', '+' or a blank, and one more; Go puts no-break spaces there now and then, lest people read it
// by program. What follows.
std::string_view without_marks(std::string_view line) {
    const auto cut = [&](std::string_view mark) {
        if (!line.starts_with(mark)) return false;
        line.remove_prefix(mark.size());
        return true;
    };
    constexpr std::string_view no_break = "\u00a0";
    if (!cut(" ") && !cut("-") && !cut("+")) static_cast<void>(cut(no_break));
    if (!cut(" ")) static_cast<void>(cut(no_break));
    return line;
}

bool opens_diff(std::string_view line) {
    const std::string_view value = without_marks(line);
    if (value.size() == line.size() || !(value.ends_with('{') || value.ends_with('('))) return false;
    const std::size_t from = value.starts_with('&') ? 1 : 0, end = end_of_type(value, from);
    return end != value.npos && value.substr(from, end - from).find_first_of(".[") != value.npos && end + 2 >= value.size();
}

bool closes_diff(std::string_view line) {
    const std::string_view value = without_marks(line);
    return value.size() != line.size() && (value == "}" || value == ")" || value == "})");
}

// What changed of an object, as github.com/google/go-cmp writes it: lines that begin with its type and end with its bracket.
void cut_diffs(std::string &text) {
    std::string kept;
    bool in_diff = false, any = false;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
        if (!in_diff && opens_diff(line)) in_diff = any = true;
        if (!in_diff) kept.append(line).append(end == line.npos ? "" : "\n");
        if (in_diff && closes_diff(line)) in_diff = false;
    }
    if (!any) return;
    while (kept.ends_with('\n')) kept.pop_back();
    text = std::move(kept);
}

void cut_missing_kind(std::string &text) {
    constexpr std::string_view mark = " is missing in '";
    for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
        const std::size_t from = at + std::string_view(" is missing").size(), quote = at + mark.size() - 1;
        std::size_t end =
            text.find_first_of("{[", quote) == quote + 1 ? end_of_brackets(text, quote + 1) : text.find('\'', quote + 1);
        if (end < text.size() && text[end] == '\'') ++end;
        text.erase(from, end == text.npos ? end : end - from);
    }
}

} // namespace

std::string without_go_values(std::string text) {
    cut_missing_kind(text);
    cut_diffs(text);
    std::string result;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '"') { // people's own words
            const std::size_t end = end_of_quotes(text, i);
            const bool is_closed = end > i + 1 && text[end - 1] == '"';
            i = is_closed ? end : i + 1;
            continue;
        }
        const std::size_t end = may_begin(text, i) ? end_of_value(text, i) : text.npos;
        if (end == text.npos) {
            ++i;
            continue;
        }
        result.append(text, copied, i - copied)
            .append(kind_of(std::string_view(text).substr(i, end - i), std::string_view(text).substr(0, i)));
        copied = i = end;
    }
    if (copied == 0) return text;
    return result.append(text, copied);
}

} // namespace rsf::kubectl::errors
