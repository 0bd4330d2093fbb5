// SPDX-License-Identifier: Apache-2.0
//
// What must outlast the daemon. Each backend is a folder: memory/, sqlite/; main.cpp names the one that is used, and
// tests/store/contract_test.cpp says what all of them do. Thread-safe.
//
// Changes are committed in batches, each as a whole or not at all. A store that can't commit fails the batch, goes on trying by
// itself whether it can again, and says so in health().
#pragma once

#include "base/error.hpp"
#include "store/filter.hpp"
#include "store/record.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rsf::store {

// A new operation. Refused (already_exists) if another one has its key, unless that key has expired.
struct Begin {
    Operation operation;
};
// What became of some of its steps so far, each whole, by index. Does nothing once the operation has ended.
struct Progress {
    std::string id;
    State state = State::running;
    std::optional<Time> started;
    std::vector<std::pair<std::uint32_t, Step>> steps;
    bool is_cancelled = false; // or was before
};
// The operation as it ended, whole. Its payload is forgotten, whatever it has; its key too, if nothing of it was begun, so that
// the client may try again under the same key.
struct End {
    Operation operation;
    bool frees_key = false;
};
// Forgets operations that have ended and are not among the newest keep, or were created before that time; at most so many, the
// oldest first. One whose key has not expired stays.
struct Prune {
    Time before{};
    std::size_t keep = 0;
    std::size_t most = 0;
    std::shared_ptr<std::size_t> forgotten{}; // becomes their count before the commit is told; null: nobody asks
};
using Change = std::variant<Begin, Progress, End, Prune>;

// Newest first.
struct Page {
    std::vector<Summary> operations;
    bool has_more = false;
};

// Who has a key.
struct KeyUse {
    std::string operation, digest;
};

struct Health {
    bool ok = true;
    std::string reason; // when not ok: a sentence
};

class Store {
  public:
    using Done = std::function<void(Result<void>)>;

    virtual ~Store() = default;

    // done: called once, when the batch is on disk or has failed; on the caller's thread or on one of the store's, so it must
    // not block, nor work for long. Batches are committed in the order in which one thread gives them. A batch that waits when
    // the store is destroyed is committed first.
    virtual void commit(std::vector<Change> batch, Done done) = 0;

    // Reads see all that was committed before. They may block.
    virtual Result<std::optional<Operation>> find(const std::string &id) = 0;
    // after: the id of the last operation of the page before; empty: the first page.
    virtual Result<Page> list(const Filter &filter, std::size_t limit, const std::string &after) = 0;
    // Those that have not ended, with payload and key, oldest first.
    virtual Result<std::vector<Operation>> unfinished() = 0;
    virtual Result<std::optional<KeyUse>> key(const std::string &caller, const std::string &text, Time at) = 0;
    // How many operations there are.
    virtual Result<std::size_t> count() = 0;

    // Returns at once.
    virtual Health health() const = 0;
    // The backend and where it is, for people: "memory", "sqlite:/var/lib/…".
    virtual std::string name() const = 0;
    // Commits what waits, and takes no more. To be called by a thread that may wait, before the last owner lets go: that may be a
    // callback of a commit.
    virtual void close() {}
    // Whether it is still there when the daemon is started again.
    virtual bool outlasts_daemon() const = 0;
};

} // namespace rsf::store
