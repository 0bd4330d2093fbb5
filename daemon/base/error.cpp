// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <stdexcept>

namespace rsf::base {

std::string_view word_of(Code code) {
    switch (code) {
    case Code::not_found: return "not-found";
    case Code::already_exists: return "already-exists";
    case Code::conflict: return "conflict";
    case Code::invalid: return "invalid";
    case Code::unauthorized: return "unauthorized";
    case Code::forbidden: return "forbidden";
    case Code::unavailable: return "unavailable";
    case Code::timeout: return "timeout";
    case Code::cancelled: return "cancelled";
    case Code::unsupported: return "unsupported";
    case Code::internal: break;
    }
    return "internal";
}

std::optional<Code> code_of(std::string_view word) {
    for (auto number = static_cast<std::int32_t>(Code::not_found); number <= static_cast<std::int32_t>(Code::internal); ++number)
        if (word_of(static_cast<Code>(number)) == word) return static_cast<Code>(number);
    return std::nullopt;
}

namespace {

// Without causes.
std::string line_of(const Error &error) {
    std::string text = error.place.file;
    if (error.place.line != 0) {
        if (!text.empty()) text += ':';
        text += std::to_string(error.place.line) + ':' + std::to_string(error.place.column);
    }
    if (!text.empty()) text += ": ";
    return text + error.message;
}

void add_lines(const Error &error, const std::string &indent, std::string &text) {
    text += indent + line_of(error);
    for (const Error &cause : error.causes) add_lines(cause, indent.empty() ? "\n  " : indent + "  ", text);
}

} // namespace

std::string to_string(const Error &error) {
    std::string text;
    add_lines(error, {}, text);
    return text;
}

std::string in_one_line(const Error &error) {
    std::string text = line_of(error);
    for (std::size_t i = 0; i < error.causes.size(); ++i) text += (i == 0 ? ": " : "; ") + in_one_line(error.causes[i]);
    return text;
}

void throw_exception_from_error(const Error &error, const boost::source_location &where) {
    throw std::logic_error("an unchecked error at " + where.to_string() + ": " + to_string(error));
}

} // namespace rsf::base
