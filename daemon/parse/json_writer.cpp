// SPDX-License-Identifier: Apache-2.0
//
// write_json. Numbers as Go writes them, since that is what clusters are used to: a whole number has no point and no exponent.
#include "parse/document.hpp"
#include "parse/number_text.hpp"

#include <charconv>

namespace rsf::daemon {

namespace json = boost::json;

namespace {

void write_string(std::string &out, std::string_view text) {
    constexpr char hex[] = "0123456789abcdef";
    out += '"';
    std::size_t plain = 0; // beginning of what is written as it is
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text, plain, i - plain);
        plain = i + 1;
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\t': out += "\\t"; break;
        case '\r': out += "\\r"; break;
        default:
            out += "\\u00";
            out += hex[c >> 4];
            out += hex[c & 0xF];
        }
    }
    out.append(text, plain);
    out += '"';
}

template <class Number> void write_whole(std::string &out, Number number) {
    char buffer[24];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

void write(std::string &out, const json::value &value) {
    switch (value.kind()) {
    case json::kind::null: out += "null"; break;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case json::kind::int64: write_whole(out, value.get_int64()); break;
    case json::kind::uint64: write_whole(out, value.get_uint64()); break;
    case json::kind::double_: out += json_number(value.get_double()); break;
    case json::kind::string: write_string(out, value.get_string()); break;
    case json::kind::array: {
        out += '[';
        for (bool first = true; const json::value &item : value.get_array()) {
            if (!first) out += ',';
            first = false;
            write(out, item);
        }
        out += ']';
        break;
    }
    case json::kind::object: {
        out += '{';
        for (bool first = true; const auto &[key, item] : value.get_object()) {
            if (!first) out += ',';
            first = false;
            write_string(out, key);
            out += ':';
            write(out, item);
        }
        out += '}';
        break;
    }
    }
}

} // namespace

std::string write_json(const json::value &value) {
    std::string out;
    write(out, value);
    return out;
}

} // namespace rsf::daemon
