// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/types/field_check.hpp"

#include "kubectl/text/json_parts.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace rsf::kubectl::api {

namespace {

std::string kind_key(std::string_view api_version, std::string_view kind) {
    return std::string(api_version) + " " + std::string(kind);
}

constexpr std::string_view quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";

bool is_keyed_by_protocol(const json::object &schema) {
    const json::array *keys = text::array_at(schema, "x-kubernetes-list-map-keys");
    return keys && std::find(keys->begin(), keys->end(), json::value("protocol")) != keys->end();
}

// A number as a quantity has it: no exponent, which a quantity would keep.
std::string decimal(const json::value &number) {
    if (!number.is_double()) return json_text(number);
    std::array<char, 400> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number.get_double(), std::chars_format::fixed).ptr;
    return {text.data(), end};
}

} // namespace

FieldCheck::FieldCheck(const json::object &openapi) {
    const json::object *definitions = text::object_at(openapi, "definitions");
    if (!definitions) return;
    for (const auto &[name, definition] : *definitions) {
        named_.emplace(name, schemas_.size());
        schemas_.emplace_back();
    }
    for (const auto &[name, value] : *definitions) {
        const json::object *definition = value.if_object();
        if (!definition) continue;
        const std::size_t at = named_.find(std::string_view(name))->second;
        fill(at, *definition);
        schemas_[at].is_quantity = name == quantity;
        const json::array *kinds = text::array_at(*definition, "x-kubernetes-group-version-kind");
        if (!kinds || kinds->size() != 1) continue; // DeleteOptions and the like are of every group
        if (const json::object *kind = kinds->front().if_object()) {
            std::string api_version(text::text_at(*kind, "group"));
            if (!api_version.empty()) api_version += "/";
            api_version += text::text_at(*kind, "version");
            kinds_.emplace(kind_key(api_version, text::text_at(*kind, "kind")), at);
        }
    }
}

std::size_t FieldCheck::add(const json::value &value) {
    const json::object *schema = value.if_object();
    if (!schema) return anything;
    constexpr std::string_view prefix = "#/definitions/";
    if (const std::string_view reference = text::text_at(*schema, "$ref"); reference.starts_with(prefix)) {
        const auto named = named_.find(reference.substr(prefix.size()));
        return named == named_.end() ? anything : named->second;
    }
    if (!schema->contains("properties") && !schema->contains("items") && !schema->contains("additionalProperties"))
        return anything;
    schemas_.emplace_back();
    const std::size_t at = schemas_.size() - 1;
    fill(at, *schema);
    return at;
}

// schemas_ may move while it grows.
void FieldCheck::fill(std::size_t at, const json::object &schema) {
    if (text::is_true_at(schema, "x-kubernetes-preserve-unknown-fields") ||
        text::is_true_at(schema, "x-kubernetes-embedded-resource"))
        return;
    if (const json::value *items = schema.if_contains("items")) {
        const std::size_t below = add(*items);
        schemas_[at].items = below;
        schemas_[at].needs_protocol = is_keyed_by_protocol(schema);
    }
    const json::value *others = schema.if_contains("additionalProperties");
    if (others) {
        const std::size_t below = add(*others);
        schemas_[at].others = below;
    }
    if (const json::object *properties = text::object_at(schema, "properties")) {
        for (const auto &[name, property] : *properties) {
            const std::size_t below = add(property);
            schemas_[at].fields.emplace(name, below);
        }
        schemas_[at].is_closed = !others;
    }
}

std::string FieldCheck::unknown_field(std::string_view api_version, std::string_view kind, const json::object &object) const {
    const auto found = kinds_.find(kind_key(api_version, kind));
    return found == kinds_.end() ? std::string() : find(object, found->second, {});
}

bool FieldCheck::knows(std::string_view api_version, std::string_view kind) const {
    return kinds_.find(kind_key(api_version, kind)) != kinds_.end();
}

void FieldCheck::complete(std::string_view api_version, std::string_view kind, json::object &object) const {
    const auto found = kinds_.find(kind_key(api_version, kind));
    if (found == kinds_.end()) return;
    json::value whole(std::move(object));
    complete(whole, found->second);
    object = std::move(whole.get_object());
}

void FieldCheck::complete(json::value &value, std::size_t at) const {
    if (at == anything) return;
    const Schema &schema = schemas_[at];
    if (schema.is_quantity && value.is_number()) value = decimal(value);
    if (json::array *list = value.if_array())
        for (json::value &each : *list) {
            complete(each, schema.items);
            if (json::object *entry = each.if_object(); entry && schema.needs_protocol && !entry->contains("protocol"))
                (*entry)["protocol"] = "TCP";
        }
    if (json::object *object = value.if_object())
        for (auto &[name, each] : *object) {
            const auto field = schema.fields.find(std::string_view(name));
            complete(each, field == schema.fields.end() ? schema.others : field->second);
        }
}

std::string FieldCheck::find(const json::value &value, std::size_t at, const std::string &path) const {
    if (at == anything) return {};
    const Schema &schema = schemas_[at];
    if (const json::array *list = value.if_array())
        for (std::size_t i = 0; i < list->size(); ++i)
            if (std::string found = find((*list)[i], schema.items, path + "[" + std::to_string(i) + "]"); !found.empty())
                return found;
    if (const json::object *object = value.if_object())
        for (const auto &[name, each] : *object) {
            std::string below = path + (path.empty() ? "" : ".") + std::string(name);
            const auto field = schema.fields.find(std::string_view(name));
            if (field == schema.fields.end() && schema.is_closed) return below;
            if (std::string found = find(each, field == schema.fields.end() ? schema.others : field->second, below);
                !found.empty())
                return found;
        }
    return {};
}

} // namespace rsf::kubectl::api
