// SPDX-License-Identifier: Apache-2.0
//
// The file of a store: how it is opened, and what can be done with it beside a running daemon. Thread-safe.
#pragma once

#include "base/error.hpp"
#include "base/file_descriptor.hpp"

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <memory>
#include <string>

namespace rsf::store {

// Makes the file for the daemon's user alone if there is none, and keeps other daemons out of it, under whichever name, until the
// descriptor is closed. It must be closed last: SQLite's own locks end with any descriptor of the file that this process closes.
Result<FileDescriptor> claim_file(const std::filesystem::path &file);

// A connection that writes: WAL, each commit on disk before it returns, what is deleted overwritten. Throws SQLite::Exception.
std::unique_ptr<SQLite::Database> open_for_writing(const std::filesystem::path &file);
// One that only reads. Throws SQLite::Exception.
std::unique_ptr<SQLite::Database> open_for_reading(const std::filesystem::path &file);

// All of it is as it was written: "12 operations, version 1 of the tables". Also while a daemon uses it.
Result<std::string> check_file(const std::filesystem::path &file);
// A copy of it at this moment, for the daemon's user alone, also while a daemon writes. copy must not exist.
Result<void> back_up_file(const std::filesystem::path &file, const std::filesystem::path &copy);
// Brings it to the version of this daemon. Refused while another daemon uses it.
Result<std::string> migrate_file(const std::filesystem::path &file);

// Whether it says that what is in the file is damaged.
bool is_damage(const std::exception &error);
// What SQLite says, as the end of a sentence, without the statement.
std::string reason_of(const std::exception &error);

} // namespace rsf::store
