// SPDX-License-Identifier: Apache-2.0
//
// object.hpp: what the store holds: an object's key and its text. Plain values.
#pragma once

#include <compare>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::dryrun {

struct GroupKind {
    std::string group; // empty: the core group
    std::string kind;

    auto operator<=>(const GroupKind &) const = default;
};

// The version is no part of it: an object is the same one in each version of its kind.
struct Key {
    GroupKind type;
    std::string ns; // empty: cluster-scoped
    std::string name;

    auto operator<=>(const Key &) const = default;
};

using Labels = std::vector<std::pair<std::string, std::string>>;

// Constant once it is shared. The text is kept ready to be answered, and the labels to be selected by; nothing else is kept
// parsed, since a parsed object takes many times its text.
struct Record {
    std::string text;
    Labels labels;
};
using RecordPtr = std::shared_ptr<const Record>;

struct Entry {
    Key key;
    RecordPtr record;
};

inline const GroupKind namespace_type{"", "Namespace"};
inline const GroupKind definition_type{"apiextensions.k8s.io", "CustomResourceDefinition"};

inline Key namespace_key(std::string_view name) { return {namespace_type, {}, std::string(name)}; }

inline std::string group_of(std::string_view api_version) {
    const auto slash = api_version.find('/');
    return slash == std::string_view::npos ? std::string() : std::string(api_version.substr(0, slash));
}

inline std::string version_of(std::string_view api_version) {
    const auto slash = api_version.find('/');
    return std::string(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
}

} // namespace rsf::dryrun
