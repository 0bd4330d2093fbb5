// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/bodies/take_over.hpp"

#include "kubectl/api/bodies/carry_over.hpp"
#include "kubectl/text/json_parts.hpp"

#include <algorithm>

namespace rsf::kubectl::api {

namespace {

bool is_update(const json::object &entry, const Managers &own) {
    return is_of(entry, own) && text::text_at(entry, "operation") == "Update";
}

bool is_apply(const json::object &entry, const Managers &own) {
    return is_of(entry, {own.front()}) && text::text_at(entry, "operation") == "Apply";
}

} // namespace

// The entry's version is that of the earlier apply, or of one of the updates: a path that another version does not have is no
// harm.
std::optional<json::array> taken_over(const json::object &live, const Managers &own) {
    json::object fields, entry;
    bool any = false;
    for_each_entry(live, [&](const json::object &each, const json::object &owned) {
        const bool update = is_update(each, own);
        if (!update && !is_apply(each, own)) return;
        any = any || update;
        unite(fields, owned);
        if (entry.empty() || !update) entry = each;
    });
    if (!any) return std::nullopt;
    entry["manager"] = own.front();
    entry["operation"] = "Apply";
    entry["fieldsV1"] = std::move(fields);
    json::array managers{std::move(entry)};
    for (const json::value &each : live.at("metadata").at("managedFields").as_array())
        if (!each.is_object() || (!is_update(each.get_object(), own) && !is_apply(each.get_object(), own)))
            managers.push_back(each);
    return managers;
}

json::array patch_of_managers(const json::object &live, json::array managers) {
    return {json::object{{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", std::move(managers)}},
            json::object{{"op", "replace"},
                         {"path", "/metadata/resourceVersion"},
                         {"value", text::metadata_text(live, "resourceVersion")}}};
}

json::array patch_of_own(const json::object &live, const Managers &own) {
    std::optional<json::array> managers = taken_over(live, own);
    if (!managers) return {};
    const json::array &entries = live.at("metadata").at("managedFields").as_array();
    json::array tests, removals;
    for (std::size_t i = entries.size(); i-- > 0;) { // from the last, so that no place moves before its turn
        const json::object *entry = entries[i].if_object();
        if (!entry || (!is_update(*entry, own) && !is_apply(*entry, own))) continue;
        const std::string path = "/metadata/managedFields/" + std::to_string(i);
        tests.push_back(json::object{{"op", "test"}, {"path", path}, {"value", *entry}});
        removals.push_back(json::object{{"op", "remove"}, {"path", path}});
    }
    json::array patch = std::move(tests);
    patch.insert(patch.end(), removals.begin(), removals.end());
    json::value &whole = managers->front(); // own's comes first
    patch.push_back(json::object{{"op", "add"}, {"path", "/metadata/managedFields/0"}, {"value", std::move(whole)}});
    return patch;
}

json::object given_up(const json::object &live, const json::object &applied, const Managers &own) {
    json::object mine, kept;
    for_each_entry(live, [&](const json::object &entry, const json::object &fields) {
        if (is_update(entry, own)) unite(mine, fields);
    });
    for_each_entry(applied, [&](const json::object &entry, const json::object &fields) {
        if (!is_update(entry, own)) unite(kept, fields);
    });
    return without(mine, kept);
}

json::object applied_alone(const json::object &live, json::object object, const Managers &own) {
    for_each_entry(live, [&](const json::object &entry, const json::object &fields) {
        if (!is_of(entry, own)) fill_in(fields, live, object);
    });
    return replacing(live, std::move(object), own);
}

json::object replacing(const json::object &live, json::object object, const Managers &own) {
    carry_over(live, own, object);
    json::object &metadata = object.at("metadata").as_object();
    metadata.erase("managedFields");
    metadata["resourceVersion"] = text::metadata_text(live, "resourceVersion");
    return object;
}

// `conflict with "helm" using apps/v1: .spec.replicas`, `conflicts with "helm":` and lines of fields.
bool conflicts_with_own_only(std::string_view message, const Managers &own) {
    bool any = false;
    for (const std::string_view mark : {"conflict with \"", "conflicts with \""})
        for (std::size_t at = message.find(mark); at != message.npos; at = message.find(mark, at)) {
            at += mark.size();
            const std::string_view manager = message.substr(at, message.find('"', at) - at);
            if (std::find(own.begin(), own.end(), manager) == own.end()) return false;
            any = true;
        }
    return any;
}

} // namespace rsf::kubectl::api
