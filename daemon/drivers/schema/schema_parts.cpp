// SPDX-License-Identifier: Apache-2.0
#include "drivers/schema/schema_parts.hpp"

#include "base/json_pointer.hpp"

#include <cmath>

namespace rsf::drivers::schema {

namespace json = boost::json;

Spot Spot::key(std::string_view key) const {
    return {below(pointer, key), name.empty() ? std::string(key) : name + '.' + std::string(key), secret, secrets};
}

Spot Spot::index(std::size_t index) const {
    return {below(pointer, index), name + '[' + std::to_string(index) + ']', secret, secrets};
}

const json::value *member(const json::object &schema, std::string_view keyword) { return schema.if_contains(keyword); }

bool is_write_only(const json::object &schema) {
    const json::value *flag = member(schema, "writeOnly");
    return flag && flag->get_bool();
}

const json::object *schema_of(const json::object &schema, std::string_view key) {
    if (const json::value *properties = member(schema, "properties"))
        if (const json::value *property = properties->get_object().if_contains(key)) return &property->get_object();
    const json::value *additional = member(schema, "additionalProperties");
    return additional && additional->is_object() ? &additional->get_object() : nullptr;
}

bool is_open(const json::object &schema) {
    const json::value *additional = member(schema, "additionalProperties");
    return additional && (additional->is_object() || additional->get_bool());
}

std::string_view type_name(const json::value &value) {
    switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return "boolean";
    case json::kind::int64:
    case json::kind::uint64: return "integer";
    case json::kind::double_: return "number";
    case json::kind::string: return "string";
    case json::kind::array: return "array";
    case json::kind::object: return "object";
    }
    return "unknown";
}

bool has_type(const json::value &value, std::string_view type) {
    const std::string_view own = type_name(value);
    if (type == own) return true;
    if (type == "number") return own == "integer";
    return type == "integer" && value.is_double() && std::isfinite(value.get_double()) &&
           std::trunc(value.get_double()) == value.get_double();
}

} // namespace rsf::drivers::schema
