// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/bodies/managed_fields.hpp"

#include "kubectl/text/json_parts.hpp"

#include <algorithm>
#include <optional>

namespace rsf::kubectl::api {

namespace {

// One step of a path in FieldsV1: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
struct Step {
    enum class Kind { itself, field, entry, value, other } kind;
    std::string_view name; // of a field
    json::value key;       // of an entry: the fields that tell it; of a value: itself
};

Step read_step(std::string_view text) {
    using Kind = Step::Kind;
    if (text == ".") return {Kind::itself, {}, {}};
    if (text.starts_with("f:")) return {Kind::field, text.substr(2), {}};
    if (!text.starts_with("k:") && !text.starts_with("v:")) return {Kind::other, {}, {}};
    boost::system::error_code failed;
    json::value key = json_value(text.substr(2), failed);
    const bool is_entry = text.front() == 'k';
    if (failed || (is_entry && !key.is_object())) return {Kind::other, {}, {}};
    return {is_entry ? Kind::entry : Kind::value, {}, std::move(key)};
}

bool has_key(const json::value &entry, const json::object &key) {
    const json::object *members = entry.if_object();
    return members && std::all_of(key.begin(), key.end(), [&](const auto &part) {
               const json::value *value = members->if_contains(part.key());
               return value ? *value == part.value() : part.key() == "protocol" && part.value() == "TCP"; // its default
           });
}

// Where the step leads in a list; its end: nowhere.
template <class List> auto find_in(List &list, const Step &step) {
    return std::find_if(list.begin(), list.end(), [&](const json::value &each) {
        return step.kind == Step::Kind::entry ? has_key(each, step.key.get_object()) : each == step.key;
    });
}

void fill(const json::object &fields, const json::value &live, json::value &object);

// Of a value that object does not have: what fields name of it.
std::optional<json::value> part_of(const json::object &fields, const json::value &live) {
    const bool is_whole = fields.empty() || (fields.size() == 1 && fields.contains("."));
    if (is_whole || live.is_primitive()) return live;
    json::value part = live.is_array() ? json::value(json::array()) : json::value(json::object());
    if (const json::array *list = live.if_array())
        for (const auto &field : fields)
            if (const Step step = read_step(field.key()); step.kind == Step::Kind::value && find_in(*list, step) != list->end())
                part.get_array().push_back(step.key);
    fill(fields, live, part);
    const bool is_empty = part.is_array() ? part.get_array().empty() : part.get_object().empty();
    if (is_empty) return std::nullopt;
    return part;
}

void fill_field(std::string_view name, const json::object &below, const json::value &live, json::value &object) {
    const json::object *from = live.if_object();
    json::object *to = object.if_object();
    const json::value *value = from ? from->if_contains(name) : nullptr;
    if (!value || !to) return;
    json::value *there = to->if_contains(name);
    if (there && !there->is_null()) {
        if (there->kind() == value->kind()) fill(below, *value, *there);
    } else if (std::optional<json::value> part = part_of(below, *value)) {
        (*to)[name] = std::move(*part);
    }
}

void fill_entry(const Step &step, const json::object &below, const json::value &live, json::value &object) {
    const json::array *from = live.if_array();
    json::array *to = object.if_array();
    if (!from || !to) return;
    const auto found = find_in(*from, step);
    if (found == from->end()) return;
    if (const auto there = find_in(*to, step); there != to->end()) {
        fill(below, *found, *there);
    } else if (below.contains(".")) { // the entry itself, and not only some field of it
        if (std::optional<json::value> part = part_of(below, *found)) to->push_back(std::move(*part));
    }
}

void fill(const json::object &fields, const json::value &live, json::value &object) {
    for (const auto &[text, value] : fields) {
        const json::object *below = value.if_object();
        if (!below) continue;
        const Step step = read_step(text);
        if (step.kind == Step::Kind::field) fill_field(step.name, *below, live, object);
        if (step.kind == Step::Kind::entry) fill_entry(step, *below, live, object);
    }
}

void take(const json::object &fields, json::value &object);

void take_field(std::string_view name, const json::object &below, json::object &object) {
    json::value *value = object.if_contains(name);
    if (!value) return;
    const bool is_leaf = below.empty() || (below.size() == 1 && below.contains("."));
    if (!is_leaf) {
        take(below, *value);
        const bool is_empty =
            (value->is_object() && value->get_object().empty()) || (value->is_array() && value->get_array().empty());
        if (!is_empty) return;
    }
    object.stable_erase(name);
}

void take(const json::object &fields, json::value &object) {
    for (const auto &[text, value] : fields) {
        const json::object *below = value.if_object();
        const Step step = read_step(text);
        if (!below || step.kind == Step::Kind::itself || step.kind == Step::Kind::other) continue;
        if (step.kind == Step::Kind::field) {
            if (json::object *members = object.if_object()) take_field(step.name, *below, *members);
            continue;
        }
        json::array *list = object.if_array();
        if (!list) continue;
        const auto found = find_in(*list, step);
        if (found == list->end()) continue;
        if (step.kind == Step::Kind::entry && !below->contains("."))
            take(*below, *found);
        else
            list->erase(found);
    }
}

} // namespace

bool is_of(const json::object &entry, const Managers &managers) {
    return text::text_at(entry, "subresource").empty() &&
           std::find(managers.begin(), managers.end(), text::text_at(entry, "manager")) != managers.end();
}

void unite(json::object &fields, const json::object &others) {
    for (const auto &[text, value] : others) {
        json::value &at = fields[text];
        if (!at.is_object()) at.emplace_object();
        if (value.is_object()) unite(at.get_object(), value.get_object());
    }
}

json::object without(const json::object &fields, const json::object &others) {
    json::object rest;
    for (const auto &[text, value] : fields) {
        const json::value *other = others.if_contains(text);
        const json::object *below = value.if_object();
        // The owner of a field also owns the objects that hold it, listed (".") or not.
        if (!below || (text == "." && !others.empty())) continue;
        if (!other || !other->is_object()) {
            rest[text] = *below;
        } else if (!below->empty()) {
            if (json::object left = without(*below, other->get_object()); !left.empty()) rest[text] = std::move(left);
        }
    }
    return rest;
}

const json::object *fields_at(const json::object &fields, std::initializer_list<std::string_view> path) {
    const json::object *at = &fields;
    for (const std::string_view name : path)
        if (at) at = text::object_at(*at, "f:" + std::string(name));
    return at;
}

void fill_in(const json::object &fields, const json::object &live, json::object &object) {
    json::value filled(std::move(object));
    fill(fields, json::value(live), filled);
    object = std::move(filled.get_object());
}

void take_out(const json::object &fields, json::object &object) {
    json::value rest(std::move(object));
    take(fields, rest);
    object = std::move(rest.get_object());
}

} // namespace rsf::kubectl::api
