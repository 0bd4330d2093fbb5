// SPDX-License-Identifier: Apache-2.0
#include "memory_storage.hpp"

#include <utility>

namespace rsf::dryrun::storage {

std::vector<Entry> MemoryStorage::list(const GroupKind &type, const std::optional<std::string> &ns) const {
    return objects_.list(type, ns);
}

void MemoryStorage::put(const Key &key, RecordPtr record) { objects_.put(key, std::move(record)); }

void MemoryStorage::erase(std::span<const Key> keys, Writers) {
    for (const Key &key : keys) objects_.erase(key);
}

void MemoryStorage::note_deletions(std::vector<Deletion> deletions) {
    const shared::Lock lock(deletions_mutex_);
    deletions_ = joined(std::move(deletions), deletions_);
}

std::vector<Deletion> MemoryStorage::deletions() const {
    const shared::Lock lock(deletions_mutex_);
    return deletions_;
}

std::uint64_t MemoryStorage::next_revision() {
    const shared::Lock lock(sequence_mutex_);
    return ++revision_;
}

std::uint64_t MemoryStorage::next_deletion() {
    const shared::Lock lock(sequence_mutex_);
    return last_deletion_ = ++revision_;
}

std::uint64_t MemoryStorage::revision() const {
    const shared::Lock lock(sequence_mutex_);
    return revision_;
}

std::uint64_t MemoryStorage::last_deletion() const {
    const shared::Lock lock(sequence_mutex_);
    return last_deletion_;
}

} // namespace rsf::dryrun::storage
