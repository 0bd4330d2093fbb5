// SPDX-License-Identifier: Apache-2.0
//
// state_folder.hpp: the folder that a simulated cluster survives in, one file per object. Thread-safe for different keys: whoever
// calls makes sure that one key is written or removed by one thread at a time. Throws rsf::Error.
//
//     state/sequence.json                              the cluster's revision
//     state/default/ConfigMap/site.json                an object, as JSON
//     state/_cluster/ClusterRole.rbac.authorization.k8s.io/admin.json
//
// A file is written beside its place, synced and renamed, so that whenever the process ends there is the old object or the new.
#pragma once

#include "descriptor.hpp"
#include "object.hpp"

#include <resourcifier/driver.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun {

// The change was made, but it is not certain that it survives a loss of power.
class Unconfirmed : public Error {
    using Error::Error;
};

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
    };
    // Hands over every object, and removes what a killed process left half written. Anything that is not of this folder's making,
    // or is damaged, is an error that names it. For the start, before any other call.
    void load(const std::function<void(Loaded)> &each);

    std::optional<Sequence> sequence() const;
    void write(const Sequence &sequence);

    void write(const Key &key, std::string_view text);
    // Calls removed after each. Stops at the first that fails.
    void remove(std::span<const Key> keys, const std::function<void(const Key &)> &removed);
    // Removes the folders that are empty now that keys are gone. Only while nothing else is written.
    void prune(std::span<const Key> keys);

  private:
    void replace_file(const std::string &folder, const std::string &path, std::string_view text);
    void make_folder(const std::string &folder);
    void load_folder(const std::string &folder, int depth, const std::function<void(Loaded)> &each,
                     std::vector<std::string> &leftovers);
    Loaded load_file(const std::string &path) const;
    Descriptor open_folder(const std::string &folder) const;
    Descriptor open_file(const std::string &path) const; // not open: errno says why; throws if it is not a file
    [[noreturn]] void fail(const char *what, const std::string &path, int error) const;

    const std::string path_;
    const Sync sync_;
    Descriptor root_;
    std::atomic<std::uint64_t> writes_{0}; // makes the names of unfinished files different
    std::mutex folders_mutex_;
    std::set<std::string> folders_; // guarded by folders_mutex_: that are there for certain
};

} // namespace rsf::dryrun
