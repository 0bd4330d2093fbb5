// SPDX-License-Identifier: Apache-2.0
//
// values.hpp: reading JSON objects by dotted path. Null counts as absent, as in Kubernetes. Pure functions.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>

namespace rsf::dryrun::objects {

// The value at "spec.selector.matchLabels", or null: not there.
inline const json::value *find(const json::object &object, std::string_view path) {
    const json::object *at = &object;
    for (;;) {
        const auto dot = path.find('.');
        const json::value *value = at->if_contains(path.substr(0, dot));
        if (!value || value->is_null() || dot == std::string_view::npos) return value && !value->is_null() ? value : nullptr;
        if (!value->is_object()) return nullptr;
        at = &value->get_object();
        path.remove_prefix(dot + 1);
    }
}

inline const json::object *find_object(const json::object &object, std::string_view path) {
    const json::value *value = find(object, path);
    return value ? value->if_object() : nullptr;
}

inline const json::array *find_array(const json::object &object, std::string_view path) {
    const json::value *value = find(object, path);
    return value ? value->if_array() : nullptr;
}

// The string at path; empty: not there, or no string. A view into object, invalid once object, or an object around it, gets
// another member: short strings are stored within their objects and move with them.
inline std::string_view find_text(const json::object &object, std::string_view path) {
    const json::value *value = find(object, path);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

inline std::int64_t find_number(const json::object &object, std::string_view path, std::int64_t otherwise) {
    const json::value *value = find(object, path);
    return value && value->is_int64() ? value->get_int64() : otherwise;
}

// The object at a dotted path, or null.
inline json::object *find_mutable(json::object &object, std::string_view path) {
    return const_cast<json::object *>(find_object(object, path));
}

// The object at key; an empty one is put there if key has no object.
inline json::object &object_in(json::object &object, std::string_view key) {
    json::value &value = object[key];
    return value.is_object() ? value.get_object() : value.emplace_object();
}

// Sets key unless there is something.
inline void set_default(json::object &object, std::string_view key, json::value value) {
    json::value &place = object[key];
    if (place.is_null()) place = std::move(value);
}

// For messages: text from a client or a cluster in quotes, with control characters escaped, and cut to the length of the longest
// name.
inline std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 253;
    std::size_t end = text.size();
    if (end > longest) {
        end = longest;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end; // not within a UTF-8 sequence
    }
    std::string shown = json::serialize(json::string(text.substr(0, end)));
    if (end < text.size()) shown.insert(shown.size() - 1, "...");
    return shown;
}

inline constexpr std::size_t deepest_object = 1024; // the daemon's own limit is lower

inline json::object parse_object(std::string_view text) { return std::move(json_value(text, deepest_object).as_object()); }

} // namespace rsf::dryrun::objects
