// SPDX-License-Identifier: Apache-2.0
#include "base/json_pointer.hpp"
#include "base/text.hpp"
#include "drivers/schema/schema_parts.hpp"
#include "drivers/schema/settings_schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <regex>

namespace rsf::drivers {

namespace {

namespace json = boost::json;

constexpr int max_depth = 16;
constexpr std::size_t max_pattern = 256; // bytes

constexpr std::array<std::string_view, 7> types{"null", "boolean", "integer", "number", "string", "array", "object"};
constexpr std::array<std::string_view, 14> keywords{
    "type",    "properties", "required", "additionalProperties", "items",     "default", "enum", "minimum",
    "maximum", "minLength",  "pattern",  "description",          "writeOnly", "format"};

Error wrong(const std::string &pointer, const std::string &what) {
    return invalid(what + " at " + (pointer.empty() ? "the top" : printable(pointer))).at(Place{{}, 0, 0, pointer});
}

Error must_be(const std::string &pointer, std::string_view keyword, const char *what) {
    return wrong(pointer, "'" + std::string(keyword) + "' must be " + what);
}

Result<void> check(const json::object &schema, const std::string &pointer, int depth);

bool is_type(const json::value &value) {
    return value.is_string() && std::find(types.begin(), types.end(), value.get_string()) != types.end();
}

bool are_all(const json::value &value, bool (*fits)(const json::value &)) {
    return value.is_array() && !value.get_array().empty() &&
           std::all_of(value.get_array().begin(), value.get_array().end(), fits);
}

Result<void> check_inner(const json::value &inner, const std::string &pointer, int depth) {
    if (!inner.is_object()) return wrong(pointer, "a schema must be an object");
    return check(inner.get_object(), pointer, depth + 1);
}

Result<void> check_properties(const json::value &properties, const std::string &pointer, int depth) {
    if (!properties.is_object()) return must_be(pointer, "properties", "an object of schemas");
    for (const auto &[key, inner] : properties.get_object())
        if (auto checked = check_inner(inner, below(below(pointer, "properties"), key), depth); !checked) return checked;
    return {};
}

Result<void> check_required(const json::object &schema, const json::value &required, const std::string &pointer) {
    const auto is_string = [](const json::value &key) { return key.is_string(); };
    if (!required.is_array() || (!required.get_array().empty() && !are_all(required, is_string)))
        return must_be(pointer, "required", "an array of strings");
    for (const json::value &key : required.get_array())
        if (!schema::schema_of(schema, key.get_string()) && !schema::is_open(schema))
            return wrong(pointer, "'required' names '" + printable(key.get_string()) + "', which 'properties' does not have");
    return {};
}

Result<void> check_pattern(const json::value &pattern, const std::string &pointer) {
    if (!pattern.is_string() || pattern.get_string().size() > max_pattern)
        return must_be(pointer, "pattern", "a regular expression of at most 256 bytes");
    try {
        [[maybe_unused]] const std::regex compiles(std::string(pattern.get_string()));
        return {};
    } catch (const std::regex_error &error) {
        return wrong(pointer, std::string("'pattern' is not a regular expression of ECMAScript's: ") + error.what());
    }
}

bool is_count(const json::value &value) { return value.is_uint64() || (value.is_int64() && value.get_int64() >= 0); }

// The keywords whose values can be checked by themselves.
Result<void> check_plain(std::string_view keyword, const json::value &value, const std::string &pointer) {
    if (keyword == "type" && !is_type(value) && !are_all(value, is_type))
        return must_be(pointer, keyword, "the name of a JSON type, or several");
    if (keyword == "enum" && !are_all(value, [](const json::value &) { return true; }))
        return must_be(pointer, keyword, "an array that is not empty");
    if ((keyword == "minimum" || keyword == "maximum") && !value.is_number()) return must_be(pointer, keyword, "a number");
    if (keyword == "minLength" && !is_count(value)) return must_be(pointer, keyword, "a whole number from 0 on");
    if (keyword == "description" && !value.is_string()) return must_be(pointer, keyword, "a string");
    if (keyword == "writeOnly" && !value.is_bool()) return must_be(pointer, keyword, "true or false");
    if (keyword == "format" && value != "target") return must_be(pointer, keyword, "'target', the one format there is");
    if (keyword == "additionalProperties" && !value.is_bool() && !value.is_object())
        return must_be(pointer, keyword, "true, false or a schema");
    return {};
}

Result<void> check_keyword(const json::object &schema, std::string_view keyword, const json::value &value,
                           const std::string &pointer, int depth) {
    if (std::find(keywords.begin(), keywords.end(), keyword) == keywords.end())
        return wrong(pointer,
                     in_quotes(keyword) + " is not a keyword of driver ABI 1's schemas" + did_you_mean(keyword, keywords));
    if (auto checked = check_plain(keyword, value, pointer); !checked) return checked;
    if (keyword == "properties") return check_properties(value, pointer, depth);
    if (keyword == "required") return check_required(schema, value, pointer);
    if (keyword == "items" || (keyword == "additionalProperties" && value.is_object()))
        return check_inner(value, below(pointer, keyword), depth);
    if (keyword == "pattern") return check_pattern(value, pointer);
    return {};
}

Result<void> check_default(const json::object &schema, const std::string &pointer) {
    const json::value *standard = schema::member(schema, "default");
    if (!standard) return {};
    json::value value = *standard;
    std::vector<Error> causes;
    schema::apply(schema, value, schema::Spot{{}, "default"}, causes);
    if (causes.empty()) return {};
    return wrong(pointer, "the default does not fit its own schema (" + causes.front().message + ")");
}

Result<void> check(const json::object &schema, const std::string &pointer, int depth) {
    if (depth > max_depth) return wrong(pointer, "the schema is nested more than 16 levels deep");
    // The structure first: required looks at properties and additionalProperties.
    for (const std::string_view keyword : {"properties", "additionalProperties"})
        if (const json::value *value = schema::member(schema, keyword))
            if (auto checked = check_keyword(schema, keyword, *value, pointer, depth); !checked) return checked;
    for (const auto &[keyword, value] : schema)
        if (keyword != "properties" && keyword != "additionalProperties")
            if (auto checked = check_keyword(schema, keyword, value, pointer, depth); !checked) return checked;
    return check_default(schema, pointer);
}

} // namespace

Result<void> check_schema(const json::object &schema) {
    const json::value *type = schema::member(schema, "type");
    if (type && *type != "object") return must_be({}, "type", "\"object\": settings are an object");
    return check(schema, {}, 0);
}

} // namespace rsf::drivers
