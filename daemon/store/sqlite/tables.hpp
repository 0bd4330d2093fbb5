// SPDX-License-Identifier: Apache-2.0
//
// Changes and reads as statements on one connection. Throws SQLite::Exception. Not thread-safe.
#pragma once

#include "store/store.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace rsf::store {

// The connection that writes, with its statements prepared.
class Writer {
  public:
    explicit Writer(const SQLite::Database &database);

    // Inside a transaction of the caller's. A failure leaves what was written before it.
    Result<void> carry_out(const Change &change);

  private:
    Result<void> begin(const Operation &operation);
    void note(const Progress &progress);
    void end(const End &end);
    void prune(const Prune &prune);
    std::int64_t most_rows() const;

    SQLite::Statement insert_, insert_object_, find_key_, progress_, insert_progress_, end_, free_key_, forget_progress_,
        forget_objects_, forget_;
    const SQLite::Database &database_;
};

// What a connection that only reads is asked.
Result<std::optional<Operation>> find(const SQLite::Database &database, const std::string &id);
Result<Page> list(const SQLite::Database &database, const Filter &filter, std::size_t limit, const std::string &after);
Result<std::vector<Operation>> unfinished(const SQLite::Database &database);
std::optional<KeyUse> key(const SQLite::Database &database, const std::string &caller, const std::string &text, Time at);
std::size_t count(const SQLite::Database &database);

} // namespace rsf::store
