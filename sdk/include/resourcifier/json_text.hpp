// SPDX-License-Identifier: Apache-2.0
//
// json_text.hpp: JSON text of Boost.JSON's values and back, header-only, C++17. Boost.JSON's own writer gives every double an
// exponent, which Kubernetes keeps (cpu: 5E-1 becomes 500e-3, and 0.5 becomes 500m), and its reader is off by one in the last
// place of some doubles.
#ifndef RESOURCIFIER_JSON_TEXT_HPP
#define RESOURCIFIER_JSON_TEXT_HPP

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#if !defined(__cpp_lib_to_chars)
#include <locale>
#include <sstream>
#endif

namespace rsf {

namespace json = boost::json;

namespace detail {

// The shortest digits that read back as number, laid out as Go's encoding/json does it: an exponent below 1e-6 and from 1e21 on.
inline std::string go_digits(double number) {
    char buffer[64];
    const double size = std::fabs(number);
    const bool large = size >= 9007199254740992; // beyond 2^53 to_chars gives a fixed number's exact digits, not the shortest
    const bool scientific = large || (size != 0 && size < 1e-6);
    const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
    std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, number, format).ptr);
    if (!scientific) return text;
    const std::size_t e = text.find('e'), sign = number < 0 ? 1 : 0;
    if (!large || size >= 1e21) {
        if (text[e + 2] == '0') text.erase(e + 2, 1); // 1e-07 is 1e-7 to Go
        return text;
    }
    std::size_t exponent = 0;
    std::from_chars(text.data() + e + 2, text.data() + text.size(), exponent);
    text.resize(e);
    if (text.size() > sign + 1) text.erase(sign + 1, 1); // the point
    text.append(sign + 1 + exponent - text.size(), '0');
    return text;
}

} // namespace detail

// As Go's encoding/json writes it: 1, 0.5, 1e+21; "null" when it is infinite or not a number.
inline std::string json_number(double number) { return std::isfinite(number) ? detail::go_digits(number) : "null"; }

namespace detail {

// The code point at the front of text (well-formed UTF-8, at least two bytes long) that must be an escape, since YAML has no
// place for it or reads it as a line break: C1 controls, U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF. 0: none.
inline unsigned not_in_yaml(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    if (byte(0) == 0xC2) return byte(1) >= 0x80 && byte(1) < 0xA0 ? byte(1) : 0;
    if (byte(0) == 0xE2) return byte(1) == 0x80 && (byte(2) == 0xA8 || byte(2) == 0xA9) ? 0x2000 + byte(2) - 0x80 : 0;
    if (byte(0) != 0xEF) return 0;
    if (byte(1) == 0xBB && byte(2) == 0xBF) return 0xFEFF;
    return byte(1) == 0xBF && byte(2) >= 0xBE ? 0xFF00 + byte(2) + 0x40 : 0;
}

inline void append_escape(std::string &out, unsigned point) {
    constexpr char hex[] = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += hex[point >> shift & 0xF];
}

inline void append_string(std::string &out, std::string_view text) {
    out += '"';
    std::size_t plain = 0; // beginning of what is written as it is
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') continue;
        const unsigned point = c < 0x80 ? c : not_in_yaml(text.substr(i));
        if (c >= 0x80 && point == 0) continue;
        out.append(text, plain, i - plain);
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\t': out += "\\t"; break;
        case '\r': out += "\\r"; break;
        default: append_escape(out, point);
        }
        if (point > 0x7F) i += point > 0x7FF ? 2 : 1;
        plain = i + 1;
    }
    out.append(text, plain, std::string_view::npos);
    out += '"';
}

template <class Number> void append_whole(std::string &out, Number number) {
    char buffer[24];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

inline void append_json(std::string &out, const json::value &value);

inline void append_json(std::string &out, const json::array &array) {
    out += '[';
    for (const json::value &item : array) {
        if (&item != array.data()) out += ',';
        append_json(out, item);
    }
    out += ']';
}

inline void append_json(std::string &out, const json::object &object) {
    out += '{';
    for (auto member = object.begin(); member != object.end(); ++member) {
        if (member != object.begin()) out += ',';
        append_string(out, {member->key().data(), member->key().size()});
        out += ':';
        append_json(out, member->value());
    }
    out += '}';
}

inline void append_json(std::string &out, const json::value &value) {
    switch (value.kind()) {
    case json::kind::null: out += "null"; break;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case json::kind::int64: append_whole(out, value.get_int64()); break;
    case json::kind::uint64: append_whole(out, value.get_uint64()); break;
    case json::kind::double_: out += json_number(value.get_double()); break;
    case json::kind::string: append_string(out, {value.get_string().data(), value.get_string().size()}); break;
    case json::kind::array: append_json(out, value.get_array()); break;
    case json::kind::object: append_json(out, value.get_object()); break;
    }
}

inline double exact_double(std::string_view digits, double roughly) {
    double exact = roughly;
#if defined(__cpp_lib_to_chars)
    // What is too large or too small for a double keeps what Boost.JSON says of it.
    if (std::from_chars(digits.data(), digits.data() + digits.size(), exact).ec != std::errc{}) exact = roughly;
#else
    std::istringstream stream{std::string(digits)}; // an older libc++ can't read doubles otherwise without the locale
    stream.imbue(std::locale::classic());
    if (!(stream >> exact)) exact = roughly;
#endif
    return exact;
}

// Boost.JSON's events made into a value.
class JsonHandler {
  public:
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    json::value take() { return stack_.release(); }

    bool on_document_begin(json::error_code &) {
        stack_.reset();
        return true;
    }
    bool on_document_end(json::error_code &) { return true; }
    bool on_object_begin(json::error_code &) { return true; }
    bool on_object_end(std::size_t size, json::error_code &) {
        stack_.push_object(size);
        return true;
    }
    bool on_array_begin(json::error_code &) { return true; }
    bool on_array_end(std::size_t size, json::error_code &) {
        stack_.push_array(size);
        return true;
    }
    bool on_key_part(json::string_view text, std::size_t, json::error_code &) { return part(text); }
    bool on_key(json::string_view text, std::size_t, json::error_code &) {
        stack_.push_key(text);
        return true;
    }
    bool on_string_part(json::string_view text, std::size_t, json::error_code &) { return part(text); }
    bool on_string(json::string_view text, std::size_t, json::error_code &) {
        stack_.push_string(text);
        return true;
    }
    bool on_number_part(json::string_view text, json::error_code &) {
        digits_.append(text.data(), text.size());
        return true;
    }
    bool on_int64(std::int64_t number, json::string_view, json::error_code &) {
        digits_.clear();
        stack_.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, json::string_view, json::error_code &) {
        digits_.clear();
        stack_.push_uint64(number);
        return true;
    }
    bool on_double(double roughly, json::string_view text, json::error_code &failed) {
        digits_.append(text.data(), text.size());
        const double number = exact_double(digits_, roughly);
        digits_.clear();
        if (!std::isfinite(number)) {
            failed = json::error::exponent_overflow;
            return false;
        }
        stack_.push_double(number);
        return true;
    }
    bool on_bool(bool value, json::error_code &) {
        stack_.push_bool(value);
        return true;
    }
    bool on_null(json::error_code &) {
        stack_.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, json::error_code &) { return true; }
    bool on_comment(json::string_view, json::error_code &) { return true; }

  private:
    bool part(json::string_view text) {
        stack_.push_chars(text);
        return true;
    }

    json::value_stack stack_;
    std::string digits_; // of a number that comes in parts
};

} // namespace detail

// Compact JSON (RFC 8259), which YAML 1.1 and 1.2 read as the same value. Numbers are written as Go's encoding/json writes them;
// infinity and what is not a number, for which JSON has no word, as null.
inline std::string json_text(const json::value &value) {
    std::string out;
    detail::append_json(out, value);
    return out;
}
inline std::string json_text(const json::object &object) {
    std::string out;
    detail::append_json(out, object);
    return out;
}
inline std::string json_text(const json::array &array) {
    std::string out;
    detail::append_json(out, array);
    return out;
}

// The value at the front of text, which loses it and the blanks around it. Numbers too large for a double are an error
// (exponent_overflow); of keys that stand twice the last one counts. failed is empty on success; else the value is null.
inline json::value take_json_value(std::string_view &text, boost::system::error_code &failed, std::size_t max_depth = 512) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::basic_parser<detail::JsonHandler> parser(options);
    failed = {};
    text.remove_prefix(parser.write_some(false, text.data(), text.size(), failed));
    return failed ? json::value() : parser.handler().take();
}

// The value of a text that holds nothing else.
inline json::value json_value(std::string_view text, boost::system::error_code &failed, std::size_t max_depth = 512) {
    json::value value = take_json_value(text, failed, max_depth);
    if (failed || text.empty()) return value;
    failed = json::error::extra_data;
    return nullptr;
}

// The same; throws boost::system::system_error.
inline json::value json_value(std::string_view text, std::size_t max_depth = 512) {
    boost::system::error_code failed;
    json::value value = json_value(text, failed, max_depth);
    if (failed) throw boost::system::system_error(failed);
    return value;
}

} // namespace rsf

#endif
