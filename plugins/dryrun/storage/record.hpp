// SPDX-License-Identifier: Apache-2.0
//
// record.hpp: an object as storages keep it: its key, its text and its labels. Plain values.
#pragma once

#include <resourcifier/driver.hpp>

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rsf::dryrun::storage {

struct GroupKind {
    std::string group; // empty: the core group
    std::string kind;

    auto operator<=>(const GroupKind &) const = default;
};

// Without the version: an object is the same in each version of its kind.
struct Key {
    GroupKind type;
    std::string ns; // empty: cluster-scoped
    std::string name;

    auto operator<=>(const Key &) const = default;
};

using Labels = std::vector<std::pair<std::string, std::string>>;

// A step of an operation, by which a write is known. operation empty: of none.
struct Step {
    std::string operation;
    std::uint32_t step = 0;

    bool is_known() const { return !operation.empty(); }
    bool operator==(const Step &) const = default;
};

// Which steps wrote an object.
struct Origin {
    Step made;
    Step last; // the last write, which may be the one that made it
};

// Constant once it is shared. The text is what a read answers, and label selectors need the labels. The object itself is not kept
// parsed, since that takes many times the memory of its text.
struct Record {
    std::string text;
    Labels labels;
    Origin origin{};
};
using RecordPtr = std::shared_ptr<const Record>;

// object: the parsed text.
RecordPtr record_of(std::string text, const json::object &object, Origin origin = {});

struct Entry {
    Key key;
    RecordPtr record;
};

inline const GroupKind namespace_type{"", "Namespace"};
inline const GroupKind definition_type{"apiextensions.k8s.io", "CustomResourceDefinition"};

inline Key namespace_key(std::string_view name) { return {namespace_type, {}, std::string(name)}; }

} // namespace rsf::dryrun::storage
