// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/types/discovery.hpp"

#include "kubectl/api/api_path.hpp"
#include "kubectl/errors/error_text.hpp"
#include "kubectl/text/argument.hpp"
#include "kubectl/text/json_parts.hpp"

#include <resourcifier/kubernetes/kinds.hpp>
#include <resourcifier/kubernetes/names.hpp>

#include <algorithm>
#include <optional>
#include <set>

namespace rsf::kubectl::api {

namespace {

using kubernetes::lower;

const std::string groups_path = "/apis";

std::set<std::string_view> names_of(const json::array &resources) {
    std::set<std::string_view> names;
    for (const json::value &each : resources)
        if (const json::object *resource = each.if_object()) names.insert(text::text_at(*resource, "name"));
    return names;
}

// A type whose objects can be neither read nor deleted has none.
bool keeps_objects(const json::object &resource) {
    const json::array *verbs = text::array_at(resource, "verbs");
    const auto keeps = [](const json::value &verb) {
        return verb == json::value("get") || verb == json::value("list") || verb == json::value("delete");
    };
    return !verbs || std::any_of(verbs->begin(), verbs->end(), keeps);
}

} // namespace

std::string ApiType::path(std::string_view ns, std::string_view name) const {
    return resource_path(api_version, plural, namespaced ? ns : std::string_view{}, name);
}

bool Discovery::Listed::names(std::string_view word) const {
    return word == type.plural || word == singular || word == lower(type.kind) ||
           std::find(short_names.begin(), short_names.end(), word) != short_names.end();
}

void Discovery::forget(const std::string &api_version) {
    groups_.forget(groups_path);
    lists_.forget(api_version);
}

// At first what is kept counts, however old; then only what was read a moment ago.
template <class Find> auto Discovery::find_twice(Find find) const {
    const Clock::time_point recent = Clock::now() - fresh_for_;
    auto found = find(Age{Clock::time_point::min(), recent});
    return found ? found : find(Age{recent, recent});
}

ApiType Discovery::of_object(const Call &call, const std::string &api_version, std::string_view kind) {
    const std::optional<ApiType> found = find_twice([&](const Age &age) -> std::optional<ApiType> {
        const List list = types_of(call, api_version, age);
        if (!list) return std::nullopt;
        const auto same_kind = [&](const Listed &each) { return each.type.kind == kind; };
        const auto place = std::find_if(list->begin(), list->end(), same_kind);
        return place == list->end() ? std::nullopt : std::optional(place->type);
    });
    if (!found) throw errors::unknown_kind(kind, api_version);
    return *found;
}

std::vector<Discovery::Reading> Discovery::readings(const std::string &word) {
    const std::size_t dot = word.find('.');
    if (dot == word.npos) return {{word, std::nullopt, {}}};
    const std::string name = word.substr(0, dot), rest = word.substr(dot + 1);
    const std::size_t next = rest.find('.');
    std::vector<Reading> result;
    if (next != rest.npos) result.push_back({name, rest.substr(next + 1), rest.substr(0, next)});
    result.push_back({name, rest, {}});
    std::erase_if(result, [](const Reading &each) {
        const bool is_core = !each.version.empty() && each.group->empty(); // "pods.v1."
        return (!is_core && kubernetes::fault_of_group(*each.group)) ||
               (!each.version.empty() && kubernetes::fault_of_version(each.version));
    });
    return result;
}

ApiType Discovery::of_word(const Call &call, std::string_view word) {
    const std::vector<Reading> meanings = readings(lower(word));
    if (meanings.empty()) throw errors::no_such_type(word);
    const std::optional<ApiType> found = find_twice([&](const Age &age) -> std::optional<ApiType> {
        for (const Reading &reading : meanings)
            if (std::optional<ApiType> type = find_anywhere(call, reading, age)) return type;
        return std::nullopt;
    });
    if (!found) throw errors::no_such_type(word);
    return *found;
}

std::optional<ApiType> Discovery::find_anywhere(const Call &call, const Reading &reading, const Age &age) {
    if (!reading.version.empty())
        return find(call, reading.group->empty() ? reading.version : *reading.group + "/" + reading.version, reading.name, age);
    // The core group comes before all others, as for kubectl.
    if (!reading.group)
        if (std::optional<ApiType> found = find(call, "v1", reading.name, age)) return found;
    std::optional<Error> failure;
    const Groups all = groups(call, age);
    for (const Group &group : *all) {
        if (reading.group && group.name != *reading.group) continue;
        for (const std::string &api_version : group.versions) {
            try {
                if (std::optional<ApiType> found = find(call, api_version, reading.name, age)) return found;
            } catch (const Error &error) {
                // A group whose own server is down hides no type of the others.
                if (error.code != Code::unavailable) throw;
                failure = error;
            }
        }
    }
    if (failure) throw Error(*failure);
    return std::nullopt;
}

std::optional<ApiType> Discovery::find(const Call &call, const std::string &api_version, std::string_view name, const Age &age) {
    const List list = types_of(call, api_version, age);
    if (!list) return std::nullopt;
    const auto found = std::find_if(list->begin(), list->end(), [&](const Listed &each) { return each.names(name); });
    if (found == list->end()) return std::nullopt;
    return found->type;
}

Discovery::List Discovery::types_of(const Call &call, const std::string &api_version, const Age &age) {
    return lists_.get(call, api_version, age.oldest, age.oldest_absence, [&] { return read_types(call, api_version); });
}

Discovery::List Discovery::read_types(const Call &call, const std::string &api_version) {
    auto list = std::make_shared<std::vector<Listed>>();
    json::object answer;
    try {
        answer = text::parse_object(fetch_(call, group_path(api_version)), "kubectl proxy");
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
        return nullptr;
    }
    if (const json::array *resources = text::array_at(answer, "resources")) {
        for (const json::value &each : *resources) {
            const json::object *resource = each.if_object();
            // Not subresources, and nothing that can't be a part of a path.
            if (!resource || kubernetes::fault_of_plural(text::text_at(*resource, "name"))) continue;
            Listed listed;
            const json::value *namespaced = resource->if_contains("namespaced");
            listed.type = {api_version, std::string(text::text_at(*resource, "kind")),
                           std::string(text::text_at(*resource, "name")),
                           namespaced && namespaced->is_bool() && namespaced->get_bool()};
            listed.type.is_kept = keeps_objects(*resource);
            listed.singular = lower(text::text_at(*resource, "singularName"));
            if (const json::array *names = text::array_at(*resource, "shortNames"))
                for (const json::value &name : *names)
                    if (name.is_string()) listed.short_names.push_back(lower(name.get_string()));
            list->push_back(std::move(listed));
        }
        const std::set<std::string_view> names = names_of(*resources);
        for (Listed &each : *list) each.type.has_status = names.count(each.type.plural + "/status") > 0;
    }
    return list;
}

Discovery::Groups Discovery::groups(const Call &call, const Age &age) {
    return groups_.get(call, groups_path, age.oldest, age.oldest_absence, [&] { return read_groups(call); });
}

Discovery::Groups Discovery::read_groups(const Call &call) {
    const json::object answer = text::parse_object(fetch_(call, groups_path), "kubectl proxy");
    auto groups = std::make_shared<std::vector<Group>>();
    if (const json::array *listed = text::array_at(answer, "groups"))
        for (const json::value &each : *listed) {
            const json::object *object = each.if_object();
            if (!object) continue;
            Group group{std::string(text::text_at(*object, "name")), {}};
            const auto add = [&](const json::object &version) {
                const std::string_view text = text::text_at(version, "groupVersion");
                if (kubernetes::fault_of_api_version(text)) return; // it can't be a part of a path
                if (group.versions.empty() || text != group.versions.front()) group.versions.emplace_back(text);
            };
            if (const json::object *preferred = text::object_at(*object, "preferredVersion")) add(*preferred);
            if (const json::array *versions = text::array_at(*object, "versions"))
                for (const json::value &version : *versions)
                    if (const json::object *named = version.if_object()) add(*named);
            groups->push_back(std::move(group));
        }
    return groups;
}

} // namespace rsf::kubectl::api
