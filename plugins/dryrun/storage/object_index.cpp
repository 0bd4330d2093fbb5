// SPDX-License-Identifier: Apache-2.0
#include "object_index.hpp"

#include <mutex>
#include <utility>

namespace rsf::dryrun::storage {

RecordPtr ObjectIndex::find(const Key &key) const {
    const std::shared_lock lock(mutex_);
    const auto kind = objects_.find(key.type);
    if (kind == objects_.end()) return nullptr;
    const auto object = kind->second.find({key.ns, key.name});
    return object == kind->second.end() ? nullptr : object->second;
}

std::vector<Entry> ObjectIndex::list(const GroupKind &type, const std::optional<std::string> &ns) const {
    std::vector<Entry> entries;
    const std::shared_lock lock(mutex_);
    const auto kind = objects_.find(type);
    if (kind == objects_.end()) return entries;
    for (auto each = ns ? kind->second.lower_bound({*ns, {}}) : kind->second.begin(); each != kind->second.end(); ++each) {
        if (ns && each->first.ns != *ns) break;
        entries.push_back({{type, each->first.ns, each->first.name}, each->second});
    }
    return entries;
}

std::vector<Key> ObjectIndex::keys_in(const std::string &ns) const {
    std::vector<Key> keys;
    const std::shared_lock lock(mutex_);
    for (const auto &[type, places] : objects_)
        for (auto each = places.lower_bound({ns, {}}); each != places.end() && each->first.ns == ns; ++each)
            keys.push_back({type, ns, each->first.name});
    return keys;
}

void ObjectIndex::put(const Key &key, RecordPtr record) {
    const std::unique_lock lock(mutex_);
    objects_[key.type].insert_or_assign({key.ns, key.name}, std::move(record));
}

void ObjectIndex::erase(const Key &key) {
    const std::unique_lock lock(mutex_);
    const auto kind = objects_.find(key.type);
    if (kind == objects_.end()) return;
    kind->second.erase({key.ns, key.name});
    if (kind->second.empty()) objects_.erase(kind);
}

} // namespace rsf::dryrun::storage
