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

std::string to_string(const Error &error) {
    std::string text = error.place.file;
    if (error.place.line != 0) {
        if (!text.empty()) text += ':';
        text += std::to_string(error.place.line) + ':' + std::to_string(error.place.column);
    }
    if (!text.empty()) text += ": ";
    text += error.message;
    for (const Error &cause : error.causes) text += "\n  " + to_string(cause);
    return text;
}

void throw_exception_from_error(const Error &error, const boost::source_location &where) {
    throw std::logic_error("an unchecked error at " + where.to_string() + ": " + to_string(error));
}

} // namespace rsf::base
