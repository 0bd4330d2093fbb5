// SPDX-License-Identifier: Apache-2.0
//
// store.hpp: the objects of a simulated cluster, in memory, and in a state folder when there is one. Thread-safe; but whoever
// writes makes sure that one key is written by one thread at a time. Memory is always as the disk is. Throws rsf::Error.
#pragma once

#include "object.hpp"
#include "state_folder.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

namespace rsf::dryrun {

class Store {
  public:
    // folder null: in memory.
    explicit Store(std::unique_ptr<StateFolder> folder);
    ~Store();

    // Fills the store from the folder; each sees every object. For the start, before any other call.
    void load(const std::function<void(const StateFolder::Loaded &)> &each);

    RecordPtr find(const Key &key) const; // null: not there
    // Of one kind, by namespace and name. ns absent: in every namespace.
    std::vector<Entry> list(const GroupKind &type, const std::optional<std::string> &ns) const;
    std::vector<Key> keys_in(const std::string &ns) const; // of every kind
    std::vector<Key> keys_of(const GroupKind &type) const;

    void put(const Key &key, RecordPtr record);
    void erase(std::span<const Key> keys);
    // erase, and then the folders that it emptied. Only while nothing else is written.
    void erase_and_prune(std::span<const Key> keys);

    // The next revision: 1, 2, 3, ... Never given out twice, not even after a kill.
    std::uint64_t next_revision();
    std::uint64_t next_deletion(); // the same, remembered as last_deletion(); on a full disk erase() writes it down
    std::uint64_t revision() const;
    std::uint64_t last_deletion() const;

  private:
    struct Place { // within a kind
        std::string ns;
        std::string name;
        auto operator<=>(const Place &) const = default;
    };
    void reserve_locked();
    void reserve_after_deletion();

    const std::unique_ptr<StateFolder> folder_; // null: in memory

    mutable std::shared_mutex objects_mutex_;
    std::map<GroupKind, std::map<Place, RecordPtr>> objects_; // guarded by objects_mutex_

    mutable std::mutex sequence_mutex_;
    Sequence sequence_;          // guarded by sequence_mutex_
    std::uint64_t reserved_ = 0; // guarded by sequence_mutex_: what the folder says, for the case of a kill
    bool reserving_ = false;     // guarded by sequence_mutex_: this process wrote it
};

// The labels of an object, as far as they are strings.
Labels labels_of(const json::object &object);

} // namespace rsf::dryrun
