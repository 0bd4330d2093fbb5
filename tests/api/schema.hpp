// SPDX-License-Identifier: Apache-2.0
//
// Whether a value is as a JSON Schema says, for those keywords that docs/openapi.json uses; any other makes the test fail.
#pragma once

#include <boost/json/value.hpp>

#include <set>
#include <string>
#include <string_view>

namespace rsf::api::test {

class Schemas {
  public:
    // document: what the references of its schemas point into.
    explicit Schemas(const boost::json::value &document) : document_(document) {}

    // What is wrong with value, or empty.
    std::string judge(const boost::json::value &schema, const boost::json::value &value, const std::string &at = "") const {
        const boost::json::object &all = schema.as_object();
        static const std::set<std::string_view> known{
            "$ref",  "allOf",  "oneOf",  "type",    "required", "properties", "additionalProperties",
            "items", "enum",   "const",  "minimum", "maximum",  "minItems",   "description",
            "title", "format", "example"};
        for (const auto &[key, of] : all)
            if (!known.contains(key)) return "a keyword that the test does not know: " + std::string(key);
        if (const auto *reference = all.if_contains("$ref")) {
            const std::string_view pointer(reference->as_string());
            if (std::string wrong = judge(document_.at_pointer(pointer.substr(1)), value, at); !wrong.empty()) return wrong;
        }
        if (std::string wrong = judge_choice(all, value, at); !wrong.empty()) return wrong;
        if (const auto *type = all.if_contains("type"); type && !is_of(value, type->as_string()))
            return at + " is no " + std::string(type->as_string());
        if (const auto *least = all.if_contains("minimum"); least && value.to_number<double>() < least->to_number<double>())
            return at + " is too small";
        if (value.is_object()) return judge_object(all, value.as_object(), at);
        if (!value.is_array()) return "";
        if (const auto *least = all.if_contains("minItems"); least && value.as_array().size() < least->to_number<std::size_t>())
            return at + " has too few items";
        if (const auto *items = all.if_contains("items"))
            for (std::size_t i = 0; i < value.as_array().size(); ++i)
                if (std::string wrong = judge(*items, value.as_array()[i], at + "/" + std::to_string(i)); !wrong.empty())
                    return wrong;
        return "";
    }

  private:
    static bool is_of(const boost::json::value &value, std::string_view type) {
        return type == "object"    ? value.is_object()
               : type == "array"   ? value.is_array()
               : type == "string"  ? value.is_string()
               : type == "boolean" ? value.is_bool()
               : type == "integer" ? value.is_int64() || value.is_uint64()
                                   : false;
    }

    std::string judge_choice(const boost::json::object &all, const boost::json::value &value, const std::string &at) const {
        if (const auto *each = all.if_contains("allOf"))
            for (const boost::json::value &schema : each->as_array())
                if (std::string wrong = judge(schema, value, at); !wrong.empty()) return wrong;
        if (const auto *choices = all.if_contains("oneOf")) {
            std::size_t fitting = 0;
            for (const boost::json::value &schema : choices->as_array()) fitting += judge(schema, value, at).empty();
            if (fitting != 1) return at + " fits " + std::to_string(fitting) + " of the choices";
        }
        if (const auto *only = all.if_contains("const"); only && *only != value) return at + " is not what it must be";
        if (const auto *words = all.if_contains("enum")) {
            for (const boost::json::value &word : words->as_array())
                if (word == value) return "";
            return at + " is none of the words";
        }
        return "";
    }

    std::string judge_object(const boost::json::object &all, const boost::json::object &value, const std::string &at) const {
        if (const auto *required = all.if_contains("required"))
            for (const boost::json::value &key : required->as_array())
                if (!value.contains(key.as_string())) return at + " lacks " + std::string(key.as_string());
        const auto *properties = all.if_contains("properties");
        const auto *others = all.if_contains("additionalProperties");
        for (const auto &[key, part] : value) {
            const auto *schema = properties ? properties->as_object().if_contains(key) : nullptr;
            if (!schema && others && *others == false) return at + " has " + std::string(key) + " too many";
            if (!schema) continue;
            if (std::string wrong = judge(*schema, part, at + "/" + std::string(key)); !wrong.empty()) return wrong;
        }
        return "";
    }

    const boost::json::value &document_;
};

} // namespace rsf::api::test
