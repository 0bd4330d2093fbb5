// SPDX-License-Identifier: Apache-2.0
#include "discovery.hpp"

#include "argument.hpp"
#include "error_text.hpp"
#include "json_parts.hpp"

#include <resourcifier/kubernetes_kinds.hpp>

#include <algorithm>
#include <optional>

namespace rsf::kubectl {

namespace {

using kubernetes::lower;

std::string root_of(std::string_view api_version) {
    return (api_version.find('/') == api_version.npos ? "/api/" : "/apis/") + std::string(api_version);
}

Error no_such_type(std::string_view word) {
    return {Code::not_found, "The cluster has no such type: the server doesn't have a resource type " + in_quotes(word) + ".",
            Retry::never};
}

} // namespace

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                                c == '.' || c == '_' || c == '~';
        const auto byte = static_cast<unsigned char>(c);
        if (unreserved)
            result += c;
        else
            result.append({'%', hex[byte >> 4U], hex[byte & 15U]});
    }
    return result;
}

std::string ApiType::path(std::string_view ns, std::string_view name) const {
    std::string path = root_of(api_version);
    if (namespaced && !ns.empty()) path.append("/namespaces/").append(percent_encoded(ns));
    path.append("/").append(plural);
    if (!name.empty()) path.append("/").append(percent_encoded(name));
    return path;
}

bool Discovery::Listed::names(std::string_view word) const {
    return word == type.plural || word == singular || word == lower(type.kind) ||
           std::find(short_names.begin(), short_names.end(), word) != short_names.end();
}

void Discovery::forget() {
    const std::lock_guard lock(mutex_);
    lists_.clear();
    groups_ = nullptr;
}

ApiType Discovery::of_object(const Call &call, const std::string &api_version, std::string_view kind) {
    for (const bool again : {false, true}) {
        if (again) forget();
        const List list = types_of(call, api_version);
        for (const Listed &each : *list)
            if (each.type.kind == kind) return each.type;
    }
    throw unknown_kind(kind, api_version);
}

std::vector<Discovery::Reading> Discovery::readings(const std::string &word) {
    const std::size_t dot = word.find('.');
    if (dot == word.npos) return {{word, std::nullopt, {}}};
    const std::string name = word.substr(0, dot), rest = word.substr(dot + 1);
    const std::size_t next = rest.find('.');
    std::vector<Reading> result;
    if (next != rest.npos) result.push_back({name, rest.substr(next + 1), rest.substr(0, next)});
    result.push_back({name, rest, {}});
    return result;
}

ApiType Discovery::of_word(const Call &call, std::string_view word) {
    const std::vector<Reading> meanings = readings(lower(word));
    for (const bool again : {false, true}) {
        if (again) forget();
        for (const Reading &reading : meanings)
            if (std::optional<ApiType> found = find_anywhere(call, reading)) return *found;
    }
    throw no_such_type(word);
}

std::optional<ApiType> Discovery::find_anywhere(const Call &call, const Reading &reading) {
    if (!reading.version.empty())
        return find(call, reading.group->empty() ? reading.version : *reading.group + "/" + reading.version, reading.name);
    // The core group comes before all others, as for kubectl.
    if (!reading.group)
        if (std::optional<ApiType> found = find(call, "v1", reading.name)) return found;
    std::optional<Error> failure;
    const Groups all = groups(call);
    for (const Group &group : *all) {
        if (reading.group && group.name != *reading.group) continue;
        for (const std::string &api_version : group.versions) {
            try {
                if (std::optional<ApiType> found = find(call, api_version, reading.name)) return found;
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

std::optional<ApiType> Discovery::find(const Call &call, const std::string &api_version, std::string_view name) {
    const List list = types_of(call, api_version);
    const auto found = std::find_if(list->begin(), list->end(), [&](const Listed &each) { return each.names(name); });
    if (found == list->end()) return std::nullopt;
    return found->type;
}

Discovery::List Discovery::types_of(const Call &call, const std::string &api_version) {
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = lists_.find(api_version); known != lists_.end()) return known->second;
    }
    auto list = std::make_shared<std::vector<Listed>>();
    json::object answer;
    try {
        answer = parse_object(fetch_(call, root_of(api_version)), "kubectl proxy");
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
        return list; // not kept: it may come
    }
    if (const json::array *resources = array_at(answer, "resources"))
        for (const json::value &each : *resources) {
            const json::object *resource = each.if_object();
            if (!resource || text_at(*resource, "name").find('/') != std::string_view::npos) continue; // a subresource
            Listed listed;
            const json::value *namespaced = resource->if_contains("namespaced");
            listed.type = {api_version, std::string(text_at(*resource, "kind")), std::string(text_at(*resource, "name")),
                           namespaced && namespaced->is_bool() && namespaced->get_bool()};
            listed.singular = lower(text_at(*resource, "singularName"));
            if (const json::array *names = array_at(*resource, "shortNames"))
                for (const json::value &name : *names)
                    if (name.is_string()) listed.short_names.push_back(lower(name.get_string()));
            list->push_back(std::move(listed));
        }
    const std::lock_guard lock(mutex_);
    return lists_[api_version] = std::move(list);
}

Discovery::Groups Discovery::groups(const Call &call) {
    {
        const std::lock_guard lock(mutex_);
        if (groups_) return groups_;
    }
    const json::object answer = parse_object(fetch_(call, "/apis"), "kubectl proxy");
    auto groups = std::make_shared<std::vector<Group>>();
    if (const json::array *listed = array_at(answer, "groups"))
        for (const json::value &each : *listed) {
            const json::object *object = each.if_object();
            if (!object) continue;
            Group group{std::string(text_at(*object, "name")), {}};
            const json::object *preferred = object_at(*object, "preferredVersion");
            if (preferred) group.versions.emplace_back(text_at(*preferred, "groupVersion"));
            if (const json::array *versions = array_at(*object, "versions"))
                for (const json::value &version : *versions)
                    if (const json::object *named = version.if_object())
                        if (std::string text(text_at(*named, "groupVersion"));
                            group.versions.empty() || text != group.versions.front())
                            group.versions.push_back(std::move(text));
            groups->push_back(std::move(group));
        }
    const std::lock_guard lock(mutex_);
    return groups_ = std::move(groups);
}

} // namespace rsf::kubectl
