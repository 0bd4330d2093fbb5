// SPDX-License-Identifier: Apache-2.0
//
// object_index.hpp: records in memory, by kind, namespace and name. Thread-safe.
#pragma once

#include "record.hpp"

#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

namespace rsf::dryrun::storage {

class ObjectIndex {
  public:
    RecordPtr find(const Key &key) const; // null: not there
    std::vector<Entry> list(const GroupKind &type, const std::optional<std::string> &ns) const;
    std::vector<Key> keys_in(const std::string &ns) const;

    void put(const Key &key, RecordPtr record);
    void erase(const Key &key);

  private:
    struct Place { // within a kind
        std::string ns;
        std::string name;
        auto operator<=>(const Place &) const = default;
    };

    mutable std::shared_mutex mutex_;
    std::map<GroupKind, std::map<Place, RecordPtr>> objects_; // guarded by mutex_, which readers share: clang can't check it
};

} // namespace rsf::dryrun::storage
