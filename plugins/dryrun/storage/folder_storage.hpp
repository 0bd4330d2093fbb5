// SPDX-License-Identifier: Apache-2.0
//
// folder_storage.hpp: objects that survive a restart in a state folder. Reads are served from memory, which always has what the
// disk has. Thread-safe as Storage says.
#pragma once

#include "object_index.hpp"
#include "shared/mutex.hpp"
#include "state_folder.hpp"
#include "storage.hpp"

namespace rsf::dryrun::storage {

class FolderStorage final : public Storage {
  public:
    // Makes the folder if it is not there, and locks it until destruction. sync null: never sync.
    FolderStorage(std::string path, StateFolder::Sync sync);
    ~FolderStorage() override;

    void load(const std::function<void(const Loaded &)> &each) override;

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
    void reserve() REQUIRES(sequence_mutex_);
    void reserve_if_there_is_room() REQUIRES(sequence_mutex_);

    StateFolder folder_;
    ObjectIndex objects_;

    mutable shared::Mutex sequence_mutex_;
    Sequence sequence_ GUARDED_BY(sequence_mutex_);
    // The folder's sequence file says this number: after a kill, counting goes on from there.
    std::uint64_t reserved_ GUARDED_BY(sequence_mutex_) = 0;
    bool reserving_ GUARDED_BY(sequence_mutex_) = false; // this process wrote the sequence file

    mutable shared::Mutex deletions_mutex_;
    std::vector<Deletion> deletions_ GUARDED_BY(deletions_mutex_); // the newest first, as the folder has them
};

} // namespace rsf::dryrun::storage
