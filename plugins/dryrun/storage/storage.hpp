// SPDX-License-Identifier: Apache-2.0
//
// storage.hpp: the interface to what keeps the objects of a simulated cluster and counts its revisions. Implementations are
// thread-safe as long as the caller lets only one thread at a time write a key. Calls throw rsf::Error.
#pragma once

#include "deletion.hpp"
#include "record.hpp"

#include <resourcifier/driver.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rsf::dryrun::storage {

// The change was made, but it is not certain that it survives a loss of power.
class Unconfirmed : public Error {
    using Error::Error;
};

class Storage {
  public:
    Storage() = default;
    Storage(const Storage &) = delete;
    Storage &operator=(const Storage &) = delete;
    virtual ~Storage() = default;

    // An object that an earlier process left. References: for the time of the call.
    struct Loaded {
        const Key &key;
        const json::object &object;
        const std::string &path; // of its file, for messages
    };
    // Reads what earlier processes left, and passes each object to each. To be called once, before any other call.
    virtual void load(const std::function<void(const Loaded &)> &each) = 0;

    virtual RecordPtr find(const Key &key) const = 0; // null: not there
    // The objects of one kind, by namespace and name. ns absent: in every namespace.
    virtual std::vector<Entry> list(const GroupKind &type, const std::optional<std::string> &ns) const = 0;
    virtual std::vector<Key> keys_in(const std::string &ns) const = 0; // of every kind

    // Throws Unconfirmed when the record is stored, but may be lost with the power.
    virtual void put(const Key &key, RecordPtr record) = 0;

    enum class Writers {
        others, // other keys may be written at the same time
        none,   // no other write is running
    };
    // Erases one key after the other and stops at the first that fails. What only the keys needed (empty folders) is removed with
    // Writers::none.
    virtual void erase(std::span<const Key> keys, Writers writers) = 0;

    // To be called before erase(): objects that are about to go. The last Deletion::most are remembered, the newest first. On a
    // full disk they are remembered as long as the process lives.
    virtual void note_deletions(std::vector<Deletion> deletions) = 0;
    virtual std::vector<Deletion> deletions() const = 0;

    // Counts 1, 2, 3, ... and never returns a number twice, not even after the process was killed.
    virtual std::uint64_t next_revision() = 0;
    // The same, and the number becomes last_deletion(). It does not fail on a full disk; erase() writes the number down then.
    virtual std::uint64_t next_deletion() = 0;
    virtual std::uint64_t revision() const = 0;
    virtual std::uint64_t last_deletion() const = 0;
};

} // namespace rsf::dryrun::storage
