// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/bodies/string_data.hpp"

#include "kubectl/text/argument.hpp"
#include "kubectl/text/json_parts.hpp"

#include "masking/base64.hpp"

namespace rsf::kubectl::api {

namespace {

std::string_view name_of_type(const json::value &value) {
    switch (value.kind()) {
    case json::kind::bool_: return "a boolean";
    case json::kind::array: return "a list";
    case json::kind::object: return "a mapping";
    default: return value.is_number() ? "a number" : "a string";
    }
}

void check_entries(const json::object &secret, std::string_view key, json::array &causes) {
    const json::value *value = secret.if_contains(key);
    if (!value || value->is_null()) return;
    const auto complain = [&](const std::string &field, const std::string &what, const json::value &is) {
        causes.push_back({{"reason", "FieldValueInvalid"},
                          {"field", field},
                          {"message", "must be " + what + ", and is " + std::string(name_of_type(is))}});
    };
    const json::object *entries = value->if_object();
    if (!entries) return complain(std::string(key), "a mapping of strings", *value);
    for (const auto &[name, entry] : *entries)
        if (!entry.is_string() && !entry.is_null())
            complain(std::string(key) + "." + std::string(name), "a string (put it in quotes)", entry);
}

} // namespace

void store_string_data(json::object &object) {
    if (text::text_at(object, "kind") != "Secret" || text::text_at(object, "apiVersion") != "v1") return;
    json::array causes;
    for (const char *key : {"data", "stringData"}) check_entries(object, key, causes);
    if (!causes.empty()) {
        std::string said;
        for (const json::value &cause : causes)
            said.append(said.empty() ? "" : "; ")
                .append(cause.at("field").as_string())
                .append(": ")
                .append(cause.at("message").as_string());
        throw Error(Code::invalid,
                    "The Secret " + text::in_quotes(text::metadata_text(object, "name")) + " is invalid: " + said + ".",
                    Retry::never, {}, json::object{{"causes", std::move(causes)}});
    }
    const json::object *plain = text::object_at(object, "stringData");
    if (plain && !plain->empty()) {
        json::object data = text::object_at(object, "data") ? *text::object_at(object, "data") : json::object();
        for (const auto &[key, entry] : *plain)
            data[key] = masking::encode_base64(entry.is_string() ? std::string_view(entry.get_string()) : std::string_view());
        object["data"] = std::move(data);
    }
    object.stable_erase("stringData");
}

} // namespace rsf::kubectl::api
