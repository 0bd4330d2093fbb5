// SPDX-License-Identifier: Apache-2.0
#include "config/form.hpp"

#include <resourcifier/json_text.hpp>

#include <boost/json/array.hpp>

namespace rsf::config {

namespace json = boost::json;

namespace {

constexpr std::string_view address_schema = R"({
    "type": ["string", "object"], "additionalProperties": false, "minLength": 1, "required": ["unix"],
    "properties": {
        "unix": {"type": "string", "pattern": "^/", "description": "The path of a socket to be made."},
        "owner": {"type": "string", "minLength": 1, "description": "The user that owns the socket."},
        "group": {"type": "string", "minLength": 1, "description": "The group of the socket."},
        "mode": {"type": "string", "pattern": "^0?[0-7]{3}$", "default": "0660", "description": "Users that may write the socket may connect."}
    }
})";

json::object entry_of(const Form &form) {
    if (form.pattern.empty()) return {{"type", "string"}, {"minLength", 1}};
    return {{"type", "string"}, {"pattern", form.pattern}};
}

json::object type_of(const Form &form) {
    using Type = Form::Type;
    switch (form.type) {
    case Type::flag: return {{"type", "boolean"}};
    case Type::count: return {{"type", "integer"}, {"minimum", form.least}, {"maximum", form.most}};
    case Type::size:
    case Type::time: return {{"type", "string"}};
    case Type::word: return {{"type", "string"}, {"enum", json::array(form.words.begin(), form.words.end())}};
    case Type::text: return {{"type", "string"}, {"minLength", 1}};
    case Type::texts: return {{"type", "array"}, {"items", entry_of(form)}};
    case Type::addresses: return {{"type", "array"}, {"items", json_value(address_schema)}};
    case Type::group: return {{"type", "object"}, {"additionalProperties", false}, {"properties", json::object()}};
    case Type::open: return {{"type", "object"}, {"additionalProperties", true}};
    }
    return {};
}

} // namespace

json::value default_of(const Form &form) {
    using Type = Form::Type;
    if (form.standard.empty()) return nullptr;
    const bool is_text = form.type == Type::size || form.type == Type::time || form.type == Type::word || form.type == Type::text;
    return is_text ? json::value(form.standard) : json_value(form.standard);
}

json::object schema_of(const Form &form, std::string_view text) {
    json::object schema = type_of(form);
    if (!form.standard.empty()) schema["default"] = default_of(form);
    // A wrong type is answered with an example.
    if (form.standard.empty() && !form.example.empty()) schema["examples"] = json::array{json::value(form.example)};
    schema["description"] = text;
    if (form.is_secret) schema["writeOnly"] = true;
    return schema;
}

} // namespace rsf::config
