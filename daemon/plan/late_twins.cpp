// SPDX-License-Identifier: Apache-2.0
#include "plan/late_twins.hpp"

#include "parse/reference_text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace rsf::daemon {

namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 5> pointers{"/apiVersion", "/kind", "/metadata", "/metadata/name", "/metadata/namespace"};

void take_text(const json::object &from, std::string_view key, json::object &to) {
    const json::value *value = from.if_contains(key);
    if (value && value->is_string()) to[key] = *value;
}

json::object identity_of(const json::object &properties) {
    json::object identity, metadata;
    take_text(properties, "apiVersion", identity);
    take_text(properties, "kind", identity);
    if (const json::value *own = properties.if_contains("metadata"); own && own->is_object()) {
        take_text(own->get_object(), "name", metadata);
        take_text(own->get_object(), "generateName", metadata); // of which the cluster makes one that nobody else has
        take_text(own->get_object(), "namespace", metadata);
    }
    identity["metadata"] = std::move(metadata);
    return identity;
}

// None: they are not known yet.
std::optional<std::string> kind_and_name(const json::object &identity, const Resource &resource) {
    const json::value *kind = identity.if_contains("kind"), *name = identity.at("metadata").get_object().if_contains("name");
    std::string key(kind ? std::string_view(kind->get_string()) : std::string_view());
    key.append(" ").append(name ? std::string_view(name->get_string()) : resource.name);
    return may_hold_reference(key) ? std::nullopt : std::optional(std::move(key));
}

bool is_part_of_identity(std::string_view pointer) { return std::ranges::find(pointers, pointer) != pointers.end(); }

} // namespace

std::vector<std::size_t> LateTwins::of(std::size_t resource, const json::object &filled_in,
                                       const std::vector<std::string> &unknown) {
    const std::vector<Resource> &all = configuration_.resources;
    json::object identity = identity_of(filled_in);
    if (identity == identity_of(all[resource].properties) || std::ranges::any_of(unknown, is_part_of_identity)) return {};
    const std::optional<std::string> key = kind_and_name(identity, all[resource]);
    if (!key) return {}; // its own text looks like one
    if (by_name_.empty())
        for (std::size_t i = 0; i < all.size(); ++i)
            if (const auto posted = kind_and_name(identity_of(all[i].properties), all[i])) by_name_.emplace(*posted, i);
    std::vector<std::size_t> twins;
    for (auto [at, end] = by_name_.equal_range(*key); at != end; ++at)
        if (at->second != resource) twins.push_back(at->second);
    if (filled_in_.insert_or_assign(resource, std::move(identity)).second) by_name_.emplace(*key, resource);
    return twins;
}

json::object LateTwins::identity(std::size_t resource) const {
    const auto found = filled_in_.find(resource);
    return found == filled_in_.end() ? identity_of(configuration_.resources[resource].properties) : found->second;
}

} // namespace rsf::daemon
