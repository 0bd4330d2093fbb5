// SPDX-License-Identifier: Apache-2.0
#include "drivers/schema/settings_schema.hpp"

#include "base/text.hpp"
#include "drivers/schema/schema_parts.hpp"

#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <cmath>
#include <regex>

namespace rsf::drivers {

namespace json = boost::json;

namespace schema {

namespace {

constexpr std::size_t max_matched = 1024; // bytes

using Causes = std::vector<Error>;

std::string quoted(const Spot &spot) { return spot.name.empty() ? "the settings" : in_quotes(spot.name); }

void complain(Causes &causes, const Spot &spot, const std::string &what) {
    causes.push_back(invalid(quoted(spot) + what).at(Place{{}, 0, 0, spot.pointer}));
}

// ", and is \"x\"", or empty for what must not be shown.
std::string shown(const json::value &value, const Spot &spot) {
    return spot.secret ? std::string() : ", and is " + printable(json_text(value), 64);
}

std::string list_of(const json::array &values) {
    std::string text;
    for (const json::value &value : values) text += (text.empty() ? "" : ", ") + printable(json_text(value), 64);
    return text;
}

struct Form {
    std::string_view pattern, words;
};

// Patterns of the settings and of the drivers that ship, in words. Any other is shown as it is.
constexpr Form forms[] = {
    {"^/", "must be an absolute path: one that begins with /"},
    {"^0?[0-7]{3}$", "must be three octal digits in quotes, as in \"0660\""},
    {"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", "must be a name of at most 63 lower-case letters, digits and '-'"},
    {"^[ -~]{1,128}$", "must be 1 to 128 printable ASCII characters"},
};

std::string form_in_words(const std::string &pattern) {
    for (const Form &form : forms)
        if (form.pattern == pattern) return " " + std::string(form.words);
    return " does not match the pattern " + pattern;
}

// A value that fits, as the schema's author gives one; null: none.
const json::value *example_of(const json::object &schema) {
    if (const json::value *examples = member(schema, "examples")) return &examples->get_array().front();
    return member(schema, "default");
}

bool accepts(const json::object &schema, std::string_view type) {
    const json::value *wanted = member(schema, "type");
    return wanted && wanted->is_string() && wanted->get_string() == type;
}

// What to write instead of a value of another type, or empty.
std::string advice(const json::object &schema, const json::value &value, const Spot &spot) {
    if (accepts(schema, "string") && value.is_bool())
        return "; YAML reads y, n, yes, no, on and off as booleans: put it in quotes";
    const json::value *example = example_of(schema);
    const auto is_measure = [](std::string_view text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; };
    if (accepts(schema, "string") && value.is_number())
        return example && example->is_string() && is_measure(example->get_string()) ? "; write it as in " + json_text(*example)
                                                                                    : "; put it in quotes";
    if (!accepts(schema, "array") || value.is_object() || value.is_array() || value.is_null()) return {};
    return spot.secret ? "; write it as a list" : "; write it as a list: " + printable(json_text(json::array{value}), 64);
}

bool fits_type(const json::value &type, const json::value &value) {
    if (type.is_string()) return has_type(value, type.get_string());
    const json::array &types = type.get_array();
    return std::any_of(types.begin(), types.end(), [&](const json::value &one) { return has_type(value, one.get_string()); });
}

void apply_enum(const json::object &schema, const json::value &value, const Spot &spot, Causes &causes) {
    const json::value *values = member(schema, "enum");
    if (!values) return;
    const json::array &allowed = values->get_array();
    if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
    complain(causes, spot,
             spot.secret ? " is not one of the values that the driver allows"
                         : " must be one of " + list_of(allowed) + shown(value, spot));
}

long double number(const json::value &value) {
    if (value.is_int64()) return static_cast<long double>(value.get_int64());
    if (value.is_uint64()) return static_cast<long double>(value.get_uint64());
    return value.get_double();
}

void apply_range(const json::object &schema, const json::value &value, const Spot &spot, Causes &causes) {
    const json::value *minimum = member(schema, "minimum");
    const json::value *maximum = member(schema, "maximum");
    if (minimum && number(value) < number(*minimum))
        complain(causes, spot, " must be at least " + json_text(*minimum) + shown(value, spot));
    if (maximum && number(value) > number(*maximum))
        complain(causes, spot, " must be at most " + json_text(*maximum) + shown(value, spot));
}

void apply_pattern(const std::string &pattern, std::string_view value, const Spot &spot, Causes &causes) {
    if (value.size() > max_matched)
        return complain(causes, spot, " is longer than " + std::to_string(max_matched) + " bytes, the most that can be checked");
    try {
        if (std::regex_search(value.begin(), value.end(), std::regex(pattern))) return;
        complain(causes, spot, form_in_words(pattern) + (spot.secret ? "" : shown(json::string(value), spot)));
    } catch (const std::regex_error &error) {
        complain(causes, spot, std::string(" can't be matched with its pattern: ") + error.what());
    }
}

void apply_text(const json::object &schema, std::string_view value, const Spot &spot, Causes &causes) {
    const auto characters = static_cast<std::uint64_t>(
        std::count_if(value.begin(), value.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    if (const json::value *least = member(schema, "minLength"); least && characters < least->to_number<std::uint64_t>())
        complain(causes, spot, " must have at least " + json_text(*least) + " characters, and has " + std::to_string(characters));
    if (const json::value *pattern = member(schema, "pattern"))
        apply_pattern(std::string(pattern->get_string()), value, spot, causes);
}

void refuse_key(const json::object &schema, std::string_view key, const Spot &spot, Causes &causes) {
    std::vector<std::string_view> known;
    if (const json::value *properties = member(schema, "properties"))
        for (const auto &property : properties->get_object()) known.push_back(property.key());
    if (spot.secret) return complain(causes, spot, " has a key that the driver does not know");
    const Spot place = spot.key(key);
    causes.push_back(
        invalid(quoted(place) + " is not a known setting" + did_you_mean(key, known)).at(Place{{}, 0, 0, place.pointer}));
}

void fill_defaults(const json::object &schema, json::object &object) {
    const json::value *properties = member(schema, "properties");
    if (!properties) return;
    for (const auto &property : properties->get_object())
        if (const json::value *standard = member(property.value().get_object(), "default");
            standard && !object.contains(property.key()))
            object.emplace(property.key(), *standard);
}

void apply_object(const json::object &schema, json::object &object, const Spot &spot, Causes &causes) {
    if (const json::value *required = member(schema, "required"))
        for (const json::value &key : required->get_array())
            if (!object.contains(key.get_string()))
                complain(causes, Spot{spot.pointer, spot.key(key.get_string()).name}, " is missing");
    fill_defaults(schema, object);
    for (auto &[key, value] : object) {
        if (const json::object *fits = schema_of(schema, key))
            apply(*fits, value, spot.key(key), causes);
        else if (!is_open(schema))
            refuse_key(schema, key, spot, causes);
    }
}

bool holds_any(const json::value &value, const std::vector<std::string> &secrets) {
    const auto holds = [&](const json::value &inner) { return holds_any(inner, secrets); };
    if (const json::array *array = value.if_array()) return std::ranges::any_of(*array, holds);
    if (const json::object *object = value.if_object())
        return std::ranges::any_of(*object, [&](const auto &member) { return holds(member.value()); });
    const json::string *text = value.if_string();
    return text && std::ranges::any_of(secrets, [&](const std::string &secret) {
               return !secret.empty() && std::string_view(*text).find(secret) != std::string_view::npos;
           });
}

} // namespace

void apply(const json::object &schema, json::value &value, const Spot &at, Causes &causes) {
    Spot spot = at;
    spot.secret = at.secret || is_write_only(schema) || (at.secrets && holds_any(value, *at.secrets));
    if (const json::value *type = member(schema, "type"); type && !fits_type(*type, value)) {
        const std::string wanted = type->is_string() ? std::string(type->get_string()) : "one of " + list_of(type->get_array());
        return complain(causes, spot,
                        " must be " + wanted + ", and is " + std::string(type_name(value)) + advice(schema, value, spot));
    }
    apply_enum(schema, value, spot, causes);
    if (value.is_number()) apply_range(schema, value, spot, causes);
    if (value.is_string()) apply_text(schema, value.get_string(), spot, causes);
    if (value.is_object()) apply_object(schema, value.get_object(), spot, causes);
    const json::value *items = member(schema, "items");
    if (value.is_array() && items)
        for (std::size_t i = 0; i < value.get_array().size(); ++i)
            apply(items->get_object(), value.get_array()[i], spot.index(i), causes);
}

} // namespace schema

namespace {

constexpr const char *hidden = "(hidden)";

// Calls secret(value) for each secret value.
template <class Found> void each_secret(const json::object &schema, const json::value &value, const Found &secret) {
    if (schema::is_write_only(schema)) return secret(value);
    if (value.is_object()) {
        for (const auto &[key, inner] : value.get_object()) {
            if (const json::object *fits = schema::schema_of(schema, key))
                each_secret(*fits, inner, secret);
            else if (!schema::is_open(schema))
                secret(inner);
        }
    }
    const json::value *items = schema::member(schema, "items");
    if (value.is_array() && items)
        for (const json::value &inner : value.get_array()) each_secret(items->get_object(), inner, secret);
}

void add_texts(const json::value &value, std::vector<std::string> &texts) {
    if (value.is_object())
        for (const auto &inner : value.get_object()) add_texts(inner.value(), texts);
    else if (value.is_array())
        for (const json::value &inner : value.get_array()) add_texts(inner, texts);
    else if (value.is_string())
        texts.emplace_back(value.get_string());
    else if (value.is_number())
        texts.push_back(json_text(value));
}

} // namespace

Result<json::object> apply_schema(const json::object &schema, const json::object &settings,
                                  const std::vector<std::string> &secrets) {
    Error error = invalid("the settings do not fit the driver's schema");
    json::value applied = settings;
    schema::apply(schema, applied, {.secrets = &secrets}, error.causes);
    if (!error.causes.empty()) return error;
    return std::move(applied.get_object());
}

namespace {

// The settings whose values name other targets.
std::vector<std::string> target_settings(const json::object &schema) {
    std::vector<std::string> names;
    const json::value *properties = schema::member(schema, "properties");
    if (properties == nullptr || !properties->is_object()) return names;
    for (const auto &[name, property] : properties->get_object()) {
        const json::value *format = property.is_object() ? property.get_object().if_contains("format") : nullptr;
        if (format != nullptr && *format == "target") names.emplace_back(name);
    }
    return names;
}

} // namespace

std::vector<std::pair<std::string, std::string>> named_targets(const json::object &schema, const json::object &settings) {
    std::vector<std::pair<std::string, std::string>> named;
    for (const std::string &name : target_settings(schema))
        if (const json::value *value = settings.if_contains(name); value != nullptr && value->is_string())
            named.emplace_back(name, value->get_string());
    return named;
}

std::optional<std::string> only_target_setting(const json::object &schema) {
    std::vector<std::string> names = target_settings(schema);
    if (names.size() != 1) return std::nullopt;
    const json::value *required = schema::member(schema, "required");
    const json::array *list = required ? required->if_array() : nullptr;
    if (list && std::ranges::any_of(*list, [&](const json::value &name) { return name != json::string(names.front()); }))
        return std::nullopt;
    return std::move(names.front());
}

std::vector<std::string> secret_values(const json::object &schema, const json::object &settings, std::vector<std::string> texts) {
    each_secret(schema, json::value(settings), [&texts](const json::value &value) { add_texts(value, texts); });
    return searchable(std::move(texts));
}

std::vector<std::string> searchable(std::vector<std::string> secrets) {
    std::erase_if(secrets, [](const std::string &secret) { return secret.size() < 4; });
    std::ranges::sort(secrets, std::ranges::greater(), &std::string::size);
    return secrets;
}

std::string without_secrets(std::string_view text, const std::vector<std::string> &secrets) {
    std::string safe(text);
    for (const std::string &secret : secrets)
        for (auto at = safe.find(secret); at != std::string::npos; at = safe.find(secret, at + std::string_view(hidden).size()))
            safe.replace(at, secret.size(), hidden);
    return safe;
}

} // namespace rsf::drivers
