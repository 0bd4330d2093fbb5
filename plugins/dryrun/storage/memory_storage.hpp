// SPDX-License-Identifier: Apache-2.0
//
// memory_storage.hpp: objects that end with the process. Thread-safe.
#pragma once

#include "object_index.hpp"
#include "shared/mutex.hpp"
#include "storage.hpp"

namespace rsf::dryrun::storage {

class MemoryStorage final : public Storage {
  public:
    void load(const std::function<void(const Loaded &)> &) override {} // there is nothing to load

    RecordPtr find(const Key &key) const override { return objects_.find(key); }
    std::vector<Entry> list(const GroupKind &type, const std::optional<std::string> &ns) const override;
    std::vector<Key> keys_in(const std::string &ns) const override { return objects_.keys_in(ns); }

    void put(const Key &key, RecordPtr record) override;
    void erase(std::span<const Key> keys, Writers writers) override;
    void note_deletions(std::vector<Deletion> deletions) override;
    std::vector<Deletion> deletions() const override;

    std::uint64_t next_revision() override;
    std::uint64_t next_deletion() override;
    std::uint64_t revision() const override;
    std::uint64_t last_deletion() const override;

  private:
    ObjectIndex objects_;

    mutable shared::Mutex sequence_mutex_;
    std::uint64_t revision_ GUARDED_BY(sequence_mutex_) = 0;
    std::uint64_t last_deletion_ GUARDED_BY(sequence_mutex_) = 0;

    mutable shared::Mutex deletions_mutex_;
    std::vector<Deletion> deletions_ GUARDED_BY(deletions_mutex_); // the newest first
};

} // namespace rsf::dryrun::storage
