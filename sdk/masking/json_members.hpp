// SPDX-License-Identifier: Apache-2.0
//
// Reads members of JSON whose shape is not known. Pure; thread-safe.
#pragma once

#include <boost/json.hpp>

#include <string_view>

namespace rsf::masking {

namespace json = boost::json;

// The string at key, or empty: missing or something else.
inline std::string_view text_at(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

} // namespace rsf::masking
