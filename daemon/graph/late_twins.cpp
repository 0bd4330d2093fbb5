// SPDX-License-Identifier: Apache-2.0
#include "graph/late_twins.hpp"

#include "graph/identity.hpp"
#include "parse/reference_text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace rsf::graph {

namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 5> pointers{"/apiVersion", "/kind", "/metadata", "/metadata/name", "/metadata/namespace"};

// With generateName: the cluster makes a name of it that no other object has.
json::object identity_in(const json::object &properties) {
    json::object identity = identity_of(properties), generated;
    if (const json::value *metadata = properties.if_contains("metadata"); metadata && metadata->is_object())
        take_text(metadata->get_object(), "generateName", generated);
    if (!generated.empty()) {
        json::value &metadata = identity["metadata"];
        if (!metadata.is_object()) metadata.emplace_object();
        metadata.get_object().insert(generated.begin(), generated.end());
    }
    return identity;
}

// None: they are not known yet.
std::optional<std::pair<std::string, std::string>> key_of(const json::object &identity, const parse::Resource &resource) {
    const json::value *metadata = identity.if_contains("metadata");
    if (metadata && !metadata->is_object()) return std::nullopt;
    const auto text = [&](std::string_view key, std::string_view otherwise) {
        const json::value *value = metadata ? metadata->get_object().if_contains(key) : nullptr;
        return std::string(value ? std::string_view(value->get_string()) : otherwise);
    };
    std::pair<std::string, std::string> key{text("name", resource.name), text("namespace", {})};
    if (parse::may_hold_reference(key.first) || parse::may_hold_reference(key.second)) return std::nullopt;
    return key;
}

bool is_part_of_identity(std::string_view pointer) { return std::ranges::find(pointers, pointer) != pointers.end(); }

} // namespace

std::vector<std::size_t> LateTwins::of(std::size_t resource, const json::object &filled_in,
                                       const std::vector<std::string> &unknown) {
    const parse::Resource &posted = configuration_.resources[resource];
    json::object identity = identity_in(filled_in);
    if (identity == identity_in(posted.properties) || std::ranges::any_of(unknown, is_part_of_identity)) return {};
    const std::optional<Key> key = key_of(identity, posted);
    if (!key) return {}; // its own text looks like a reference
    learn_posted();
    std::vector<std::size_t> twins;
    const auto take = [&](auto range) {
        for (auto [at, end] = range; at != end; ++at)
            if (at->second != resource) twins.push_back(at->second);
    };
    if (key->second.empty()) { // it may be any of them
        const auto first = by_key_.lower_bound(*key);
        take(std::pair(first,
                       std::find_if(first, by_key_.end(), [&](const auto &each) { return each.first.first != key->first; })));
    } else {
        take(by_key_.equal_range(*key));
        take(by_key_.equal_range({key->first, {}}));
    }
    if (filled_in_.insert_or_assign(resource, std::move(identity)).second) by_key_.emplace(*key, resource);
    return twins;
}

void LateTwins::learn_posted() {
    if (!by_key_.empty()) return;
    for (std::size_t i = 0; i < configuration_.resources.size(); ++i) {
        const parse::Resource &resource = configuration_.resources[i];
        if (const std::optional<Key> key = key_of(identity_in(resource.properties), resource)) by_key_.emplace(*key, i);
    }
}

void LateTwins::leave_out(std::size_t resource) {
    const std::optional<Key> key = key_of(identity(resource), configuration_.resources[resource]);
    if (!key) return;
    for (auto [at, end] = by_key_.equal_range(*key); at != end; ++at)
        if (at->second == resource) {
            by_key_.erase(at);
            return;
        }
}

json::object LateTwins::identity(std::size_t resource) const {
    const auto found = filled_in_.find(resource);
    return found == filled_in_.end() ? identity_in(configuration_.resources[resource].properties) : found->second;
}

} // namespace rsf::graph
