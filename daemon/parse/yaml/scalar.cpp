// SPDX-License-Identifier: Apache-2.0
#include "parse/yaml/scalar.hpp"

#include "base/text.hpp"
#include "parse/number_text.hpp"
#include "parse/source_text.hpp"

#include <resourcifier/utf8.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace rsf::parse {

namespace {

namespace json = boost::json;

constexpr std::string_view tag_prefix = "tag:yaml.org,2002:";

// What a plain scalar may be beside a string. A timestamp is a string whose looks forbid !!int and the like.
struct Resolved {
    enum class Kind { null, boolean, integer, floating, timestamp, string } kind = Kind::string;
    json::value value;
};

std::optional<Resolved> from_table(std::string_view text) {
    using Kind = Resolved::Kind;
    constexpr std::array<std::string_view, 11> yes = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
    constexpr std::array<std::string_view, 11> no = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
    constexpr std::array<std::string_view, 5> null = {"", "~", "null", "Null", "NULL"};
    if (text.size() > 5) return std::nullopt;
    const auto in = [&](const auto &words) { return std::find(words.begin(), words.end(), text) != words.end(); };
    if (in(null)) return Resolved{Kind::null, nullptr};
    if (in(yes)) return Resolved{Kind::boolean, true};
    if (in(no)) return Resolved{Kind::boolean, false};
    if (text == ".nan" || text == ".NaN" || text == ".NAN") return Resolved{Kind::floating, std::nan("")};
    const bool negative = text.starts_with('-');
    const std::string_view rest = negative || text.starts_with('+') ? text.substr(1) : text;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (rest == ".inf" || rest == ".Inf" || rest == ".INF") return Resolved{Kind::floating, negative ? -infinity : infinity};
    return std::nullopt;
}

// A number of 1 to max digits (exactly max when fixed), read off the front of text.
bool take_number(std::string_view &text, std::size_t max, bool fixed, int &number) {
    std::size_t n = 0;
    number = 0;
    while (n < max && n < text.size() && is_digit(text[n])) number = number * 10 + (text[n++] - '0');
    if (n == 0 || (fixed && n != max)) return false;
    text.remove_prefix(n);
    return true;
}

bool take(std::string_view &text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

// Go's time.Parse with the layouts of resolve.go: date, date 'T' time zone, date ' ' time.
bool is_timestamp(std::string_view text) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (!take_number(text, 4, true, year) || !take(text, '-')) return false;
    if (!take_number(text, 2, false, month) || !take(text, '-') || !take_number(text, 2, false, day)) return false;
    constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1] + (month == 2 && leap ? 1 : 0)) return false;
    if (text.empty()) return true;
    const char separator = text.front();
    text.remove_prefix(1);
    if (separator == ' ') {
        while (take(text, ' ')) {
        }
    } else if (separator != 'T' && separator != 't') {
        return false;
    }
    if (!take_number(text, 2, false, hour) || hour > 23 || !take(text, ':')) return false;
    if (!take_number(text, 2, false, minute) || minute > 59 || !take(text, ':')) return false;
    if (!take_number(text, 2, false, second) || second > 59) return false;
    if (text.size() >= 2 && text[0] == '.' && is_digit(text[1])) {
        text.remove_prefix(1);
        while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
    }
    if (separator == ' ') return text.empty();
    if (text == "Z") return true;
    int zone = 0;
    if (!take(text, '+') && !take(text, '-')) return false;
    if (!take_number(text, 2, true, zone) || !take(text, ':')) return false;
    return take_number(text, 2, true, zone) && text.empty();
}

// Digits of a base into 64 bits without a sign; false on anything else, overflow included.
bool parse_digits(std::string_view digits, int base, std::uint64_t &number) {
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    return ec == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
}

std::optional<json::value> signed_number(bool negative, bool plus, std::uint64_t magnitude) {
    constexpr std::uint64_t limit = std::uint64_t{1} << 63;
    if (negative) {
        if (magnitude > limit) return std::nullopt;
        return json::value(magnitude == limit ? std::numeric_limits<std::int64_t>::min() : -static_cast<std::int64_t>(magnitude));
    }
    if (magnitude < limit) return json::value(static_cast<std::int64_t>(magnitude));
    if (plus) return std::nullopt; // Go's ParseUint takes no sign
    return json::value(magnitude);
}

// strconv.ParseInt and ParseUint with base 0, underscores taken out already.
std::optional<json::value> parse_integer(std::string_view text) {
    const bool negative = text.starts_with('-'), plus = text.starts_with('+');
    if (negative || plus) text.remove_prefix(1);
    int base = 10;
    if (text.size() > 1 && text[0] == '0') {
        const char mark = static_cast<char>(text[1] | 0x20);
        base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
        text.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
    }
    std::uint64_t magnitude = 0;
    if (!parse_digits(text, base, magnitude)) return std::nullopt;
    return signed_number(negative, plus, magnitude);
}

// resolve.go's yamlStyleFloat: [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_yaml_float(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const auto digits = [&] {
        std::size_t n = 0;
        while (n < text.size() && is_digit(text[n])) ++n;
        text.remove_prefix(n);
        return n;
    };
    const std::size_t whole = digits();
    if (take(text, '.')) {
        if (digits() == 0 && whole == 0) return false;
    } else if (whole == 0) {
        return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
        if (digits() == 0) return false;
    }
    return text.empty();
}

// The value of a decimal float; none when it is too large (Go's ErrRange). Too small becomes zero, as in Go.
std::optional<double> parse_float(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec == std::errc::result_out_of_range) {
        // from_chars leaves the number alone, too large or too small: the place of the first digit tells which.
        std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
        const std::size_t exponent = digits.find_first_of("eE");
        const std::string_view mantissa = digits.substr(0, exponent);
        const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
        const std::size_t first = mantissa.find_first_of("123456789");
        long long power = 0;
        if (exponent != std::string_view::npos) {
            std::string_view sign_and_digits = digits.substr(exponent + 1);
            const bool negative = sign_and_digits.starts_with('-');
            if (negative || sign_and_digits.starts_with('+')) sign_and_digits.remove_prefix(1);
            const auto result = std::from_chars(sign_and_digits.data(), sign_and_digits.data() + sign_and_digits.size(), power);
            if (result.ec != std::errc{}) power = std::numeric_limits<std::int32_t>::max();
            power = std::min<long long>(power, std::numeric_limits<std::int32_t>::max());
            if (negative) power = -power;
        }
        const long long magnitude = static_cast<long long>(point) - static_cast<long long>(first) + power;
        if (magnitude > 0) return std::nullopt;
        return text.starts_with('-') ? -0.0 : 0.0;
    }
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<Resolved> from_binary(std::string_view plain) {
    // resolve.go's own "0b" and "-0b", which differ from ParseInt's only in letting a sign follow.
    const bool negative = plain.starts_with("-0b");
    if (!negative && !plain.starts_with("0b")) return std::nullopt;
    std::string_view digits = plain.substr(negative ? 3 : 2);
    bool minus = negative, plus = false;
    if (!negative && (digits.starts_with('-') || digits.starts_with('+'))) {
        minus = digits.starts_with('-');
        plus = !minus;
        digits.remove_prefix(1);
    }
    std::uint64_t magnitude = 0;
    if (!parse_digits(digits, 2, magnitude)) return std::nullopt;
    if (auto number = signed_number(minus, plus, magnitude)) return Resolved{Resolved::Kind::integer, std::move(*number)};
    return std::nullopt;
}

std::optional<Resolved> from_number(std::string_view text) {
    std::string without;
    if (text.find('_') != std::string_view::npos) {
        std::remove_copy(text.begin(), text.end(), std::back_inserter(without), '_');
        text = without;
    }
    if (auto number = parse_integer(text)) return Resolved{Resolved::Kind::integer, std::move(*number)};
    if (is_yaml_float(text)) {
        if (const auto number = parse_float(text)) return Resolved{Resolved::Kind::floating, *number};
    }
    return from_binary(text);
}

// What Go's ParseFloat takes for a text that begins with '.': decimal digits, an exponent, and underscores between digits.
std::optional<Resolved> from_dot(std::string_view text) {
    std::string without;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '_')
            without += text[i];
        else if (!is_digit(text[i - 1]) || i + 1 == text.size() || !is_digit(text[i + 1]))
            return std::nullopt;
    }
    if (!is_yaml_float(without)) return std::nullopt;
    if (const auto number = parse_float(without)) return Resolved{Resolved::Kind::floating, *number};
    return std::nullopt;
}

// resolve.go without tags. None: a string.
std::optional<Resolved> resolve_plain(std::string_view text, bool may_be_timestamp) {
    if (text.empty()) return Resolved{Resolved::Kind::null, nullptr};
    const char first = text.front();
    constexpr std::string_view in_table = "yYnNtTfFoO~";
    if (in_table.find(first) != std::string_view::npos) return from_table(text);
    const bool numeric = is_digit(first) || first == '+' || first == '-';
    if (!numeric && first != '.') return std::nullopt;
    if (auto known = from_table(text)) return known;
    if (!numeric) return from_dot(text);
    if (may_be_timestamp && is_digit(first) && is_timestamp(text)) return Resolved{Resolved::Kind::timestamp, json::value(text)};
    return from_number(text);
}

Scalar number_or_refusal(json::value value) {
    if (value.is_double() && !std::isfinite(value.get_double()))
        return BadScalar{"The value here is a number that JSON has no word for; quote it if it is meant as text."};
    return value;
}

// Without the value, which may be a password.
BadScalar can_not_be(std::string_view tag) {
    return BadScalar{"The value here can't be read as the !!" + std::string(tag) + " that its tag says it is."};
}

Scalar binary(std::string_view text) {
    // base64.StdEncoding: line breaks are skipped, padding is due, nothing else may stand there.
    std::string bytes;
    std::uint32_t group = 0;
    int count = 0, padding = 0;
    const auto value_of = [](char c) -> int {
        if (c >= 'A' && c <= 'Z') return c - 'A';
        if (c >= 'a' && c <= 'z') return c - 'a' + 26;
        if (is_digit(c)) return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
    };
    const BadScalar bad{"The text behind !!binary is not base64."};
    for (const char c : text) {
        if (c == '\n' || c == '\r') continue;
        if (c == '=') {
            if (count < 2 || ++padding + count > 4) return bad;
            continue;
        }
        const int six = value_of(c);
        if (six < 0 || padding != 0) return bad;
        group = group << 6 | static_cast<std::uint32_t>(six);
        if (++count == 4) {
            for (const int shift : {16, 8, 0}) bytes += static_cast<char>(group >> shift & 0xFF);
            group = 0;
            count = 0;
        }
    }
    if (count != 0 && count + padding != 4) return bad;
    if (count == 2) bytes += static_cast<char>(group >> 4 & 0xFF);
    if (count == 3) {
        bytes += static_cast<char>(group >> 10 & 0xFF);
        bytes += static_cast<char>(group >> 2 & 0xFF);
    }
    if (!is_utf8(bytes))
        return BadScalar{"The bytes behind !!binary are not UTF-8 text, which JSON could not hold; give their base64 as a string "
                         "without the tag."};
    return json::value(bytes);
}

} // namespace

Scalar resolve_scalar(std::string_view tag, std::string_view text) {
    using Kind = Resolved::Kind;
    if (tag == "?" || tag.empty()) {
        if (auto resolved = resolve_plain(text, true)) return number_or_refusal(std::move(resolved->value));
        return json::value(text);
    }
    if (!tag.starts_with(tag_prefix)) return json::value(text); // "!", and tags without a meaning here
    tag.remove_prefix(tag_prefix.size());
    if (tag == "str") return json::value(text);
    if (tag == "binary") return binary(text);
    if (tag != "null" && tag != "bool" && tag != "int" && tag != "float" && tag != "timestamp") return json::value(text);
    auto resolved = resolve_plain(text, tag == "timestamp");
    const Kind kind = resolved ? resolved->kind : Kind::string;
    if (tag == "float" && kind == Kind::integer && resolved->value.is_int64())
        return json::value(static_cast<double>(resolved->value.get_int64()));
    const bool fits = (tag == "null" && kind == Kind::null) || (tag == "bool" && kind == Kind::boolean) ||
                      (tag == "int" && kind == Kind::integer) || (tag == "float" && kind == Kind::floating) ||
                      (tag == "timestamp" && kind == Kind::timestamp);
    if (!fits) return can_not_be(tag);
    return number_or_refusal(std::move(resolved->value));
}

bool is_plain_string(std::string_view text) {
    const auto resolved = resolve_plain(text, true);
    return !resolved || resolved->kind == Resolved::Kind::timestamp;
}

bool key_text(const json::value &value, std::string &key) {
    switch (value.kind()) {
    case json::kind::string: key.assign(value.get_string()); return true;
    case json::kind::bool_: key = value.get_bool() ? "true" : "false"; return true;
    case json::kind::int64: key = std::to_string(value.get_int64()); return true;
    case json::kind::double_: break;
    default: return false;
    }
    // strconv.FormatFloat(x, 'g', -1, 32): the shortest digits of the single, scientific below 1e-4 and from 1e6 on.
    const double wide = value.get_double();
    const float number = static_cast<float>(wide);
    if (!std::isfinite(number)) {
        key = number > 0 ? ".inf" : "-.inf";
        return true;
    }
    std::array<char, 64> buffer;
    auto [end, ec] = std::to_chars(buffer.begin(), buffer.end(), number, std::chars_format::scientific);
    const std::string_view scientific(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::size_t e = scientific.find('e');
    int exponent = 0;
    std::from_chars(scientific.data() + e + (scientific[e + 1] == '+' ? 2 : 1), end, exponent);
    if (exponent < -4 || exponent >= 6) {
        key = scientific;
        return true;
    }
    const auto fixed = std::to_chars(buffer.begin(), buffer.end(), number, std::chars_format::fixed);
    key.assign(buffer.data(), fixed.ptr);
    return true;
}

} // namespace rsf::parse
