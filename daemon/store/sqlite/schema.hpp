// SPDX-License-Identifier: Apache-2.0
//
// The tables of the file, and how those of an older version become those of this one. Not thread-safe.
#pragma once

#include "base/error.hpp"

namespace SQLite {
class Database;
} // namespace SQLite

namespace rsf::store {

// The version of the tables that this daemon reads and writes. A file has its own in PRAGMA user_version; 0: it is new.
inline constexpr int schema_version = 1;

// Brings the file to this version, in one transaction. Refused: a newer version than this one.
Result<void> migrate(SQLite::Database &database);

} // namespace rsf::store
