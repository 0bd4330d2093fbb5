// SPDX-License-Identifier: Apache-2.0
#include "managed_fields.hpp"

#include "dryrun/objects/list_pairs.hpp"
#include "dryrun/objects/values.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace rsf::dryrun::simulator {

using namespace objects;

namespace {

// {"containerPort":80,"protocol":"TCP"}: the key of the entry within its list. selector: "containerPort=80,protocol=TCP".
std::string key_of(std::string_view selector, const json::object &entry) {
    const std::string_view field = selector.substr(0, selector.find('='));
    json::object key{{field, entry.at(field)}};
    const auto add = [&](const char *second, const char *otherwise) {
        const json::value *value = entry.if_contains(second);
        key[second] = value && value->is_string() ? *value : json::value(otherwise);
    };
    if (field == "containerPort" || field == "port") add("protocol", "TCP");
    if (field == "topologyKey") add("whenUnsatisfiable", "");
    return json_text(key);
}

bool has_key(const json::value &entry, const json::object &key) {
    const json::object *members = entry.if_object();
    return members && std::all_of(key.begin(), key.end(), [&](const auto &part) {
               const json::value *value = members->if_contains(part.key());
               return value ? *value == part.value() : part.key() == "protocol" && part.value() == "TCP";
           });
}

json::object fields_of(const Place &place, const json::value &value) {
    json::object fields;
    if (const json::object *members = value.if_object())
        for (const auto &[key, member] : *members) fields["f:" + std::string(key)] = fields_of(place.at(key), member);
    const json::array *entries = value.if_array();
    if (!entries) return fields;
    const Pairs pairs = paired_for_apply(place, *entries, *entries);
    if (!pairs.is_keyed()) return fields;
    for (const Pair &pair : pairs.list) {
        const json::value &entry = (*entries)[pair.after];
        fields["k:" + key_of(pair.selector, entry.as_object())] = fields_of(place, entry);
    }
    return fields;
}

void drop(json::value &live, const json::object &were, const json::object &are);

void drop_member(json::value &live, std::string_view name, const json::object &below, const json::object *still) {
    json::object *members = live.if_object();
    json::value *member = members ? members->if_contains(name) : nullptr;
    if (!member) return;
    if (!below.empty()) drop(*member, below, still ? *still : json::object());
    const bool is_empty =
        (member->is_object() && member->get_object().empty()) || (member->is_array() && member->get_array().empty());
    if (!still && (below.empty() || is_empty)) members->stable_erase(name);
}

void drop_entry(json::value &live, std::string_view key_text, const json::object &below, const json::object *still) {
    json::array *entries = live.if_array();
    boost::system::error_code failed;
    const json::value key = json_value(key_text, failed);
    if (!entries || failed || !key.is_object()) return;
    const auto found = std::find_if(entries->begin(), entries->end(),
                                    [&](const json::value &entry) { return has_key(entry, key.get_object()); });
    if (found == entries->end()) return;
    if (still)
        drop(*found, below, *still);
    else
        entries->erase(found);
}

// were may be of any shape: it may come from a file that was edited by hand.
void drop(json::value &live, const json::object &were, const json::object &are) {
    for (const auto &[field, value] : were) {
        const json::object *below = value.if_object();
        if (!below || field.size() < 2) continue;
        const json::value *still_there = are.if_contains(field);
        const json::object *still = still_there ? still_there->if_object() : nullptr;
        const std::string_view name = std::string_view(field).substr(2);
        if (field.starts_with("f:"))
            drop_member(live, name, *below, still);
        else if (field.starts_with("k:"))
            drop_entry(live, name, *below, still);
    }
}

} // namespace

json::object owned_fields(const json::object &wanted) {
    json::object owned = wanted;
    for (const char *key : {"apiVersion", "kind"}) owned.stable_erase(key);
    if (json::value *metadata = owned.if_contains("metadata"); metadata && metadata->is_object()) {
        for (const char *key : {"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields",
                                "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"})
            metadata->get_object().stable_erase(key);
        if (metadata->get_object().empty()) owned.stable_erase("metadata");
    }
    return fields_of({}, owned);
}

json::object without_disowned(json::object live, const json::object &were, const json::object &are) {
    json::value rest(std::move(live));
    drop(rest, were, are);
    return std::move(rest.get_object());
}

json::array managed_fields(std::string_view api_version, json::object fields) {
    return {json::object{{"manager", "resourcifierd"},
                         {"operation", "Apply"},
                         {"apiVersion", api_version},
                         {"fieldsType", "FieldsV1"},
                         {"fieldsV1", std::move(fields)}}};
}

json::object managed_fields_of(const json::object &object) {
    const json::array *entries = find_array(object, "metadata.managedFields");
    if (!entries || entries->empty() || !entries->front().is_object()) return {};
    const json::object *fields = find_object(entries->front().get_object(), "fieldsV1");
    return fields ? *fields : json::object();
}

json::object owned_of(const json::object &held) {
    if (find_array(held, "metadata.managedFields")) return managed_fields_of(held);
    json::object written = held;
    written.stable_erase("status");
    return owned_fields(written);
}

} // namespace rsf::dryrun::simulator
