// SPDX-License-Identifier: Apache-2.0
//
// Reads parts of JSON whose shape is not known. Pure; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <string_view>

namespace rsf::kubectl::text {

// The string at key; empty if there is none.
inline std::string_view text_at(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view{};
}

// nullptr if there is none at key.
inline const json::object *object_at(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value ? value->if_object() : nullptr;
}

inline const json::array *array_at(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value ? value->if_array() : nullptr;
}

// Whether the value at key is true.
inline bool is_true_at(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value && value->is_bool() && value->get_bool();
}

inline std::string_view metadata_text(const json::object &object, std::string_view key) {
    const json::object *metadata = object_at(object, "metadata");
    return metadata ? text_at(*metadata, key) : std::string_view{};
}

// The error for an answer of who that is not a JSON object.
inline Error not_an_object(std::string_view who) {
    return {Code::internal,
            std::string(who) + " succeeded, but its answer is not a JSON object: is the setting kubectl really a kubectl?",
            Retry::never};
}

// Throws not_an_object when text is not one.
inline json::object parse_object(std::string_view text, std::string_view who) {
    boost::system::error_code failed;
    json::value parsed = json_value(text, failed);
    if (failed || !parsed.is_object()) throw not_an_object(who);
    return std::move(parsed.get_object());
}

} // namespace rsf::kubectl::text
