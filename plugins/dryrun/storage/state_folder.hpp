// SPDX-License-Identifier: Apache-2.0
//
// state_folder.hpp: a folder with one file per object. Thread-safe as long as the caller lets only one thread at a time write or
// remove a key. Throws rsf::Error.
//
//     state/sequence.json                              the cluster's revision
//     state/deletions.json                             the last objects that were deleted, and by which step of an operation
//     state/default/ConfigMap/site.json                an object, as JSON
//     state/_cluster/ClusterRole.rbac.authorization.k8s.io/admin.json
//
// A file is written under a temporary name, synced and renamed: if the process ends at any moment, the file has the old object or
// the new one.
#pragma once

#include "record.hpp"
#include "shared/file_descriptor.hpp"
#include "shared/mutex.hpp"
#include "storage.hpp"

#include <resourcifier/driver.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun::storage {

using shared::FileDescriptor;

struct Sequence {
    std::uint64_t revision = 0;      // the last one that was given out, or a later one
    std::uint64_t last_deletion = 0; // the revision of the last deletion, or a later one
};

class StateFolder {
  public:
    using Sync = int (*)(int fd); // fsync, or what a test puts in its place

    // Makes the folder if it is not there, and locks it until destruction. sync null: never sync.
    StateFolder(std::string path, Sync sync);

    struct Loaded {
        Key key;
        json::object object;
        std::string text;
        std::string path; // for messages
        Origin origin;
    };
    // Passes every object to each, and removes unfinished files of a killed process. A foreign or damaged file is an error that
    // names it. To be called before any other call.
    void load(const std::function<void(Loaded)> &each);

    std::optional<Sequence> sequence() const;
    void write(const Sequence &sequence);
    std::vector<Deletion> deletions() const;
    void write(const std::vector<Deletion> &deletions);

    void write(const Key &key, std::string_view text);
    // Calls removed after each file. Stops at the first that fails.
    void remove(std::span<const Key> keys, const std::function<void(const Key &)> &removed);
    // Removes the folders that are empty now that keys are gone. Only while nothing else is written.
    void prune(std::span<const Key> keys);

  private:
    void replace_file(const std::string &folder, const std::string &path, std::string_view text);
    void make_folder(const std::string &folder);
    void load_folder(const std::string &folder, int depth, const std::function<void(Loaded)> &each,
                     std::vector<std::string> &leftovers);
    Loaded load_file(const std::string &path) const;
    FileDescriptor open_folder(const std::string &folder) const;
    FileDescriptor open_file(const std::string &path) const; // not open: errno is set; throws if it is not a regular file
    [[noreturn]] void fail(const char *what, const std::string &path, int error) const;

    const std::string path_;
    const Sync sync_;
    FileDescriptor root_;
    std::atomic<std::uint64_t> writes_{0}; // in the names of temporary files
    shared::Mutex folders_mutex_;
    std::set<std::string> folders_ GUARDED_BY(folders_mutex_); // that exist on the disk
};

} // namespace rsf::dryrun::storage
