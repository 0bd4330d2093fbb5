// SPDX-License-Identifier: Apache-2.0
//
// Notices that the files of a store in use are not those at its path any more: SQLite would go on with what nobody finds again.
// Not thread-safe.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace rsf::store {

class FileWatch {
  public:
    // file: the database, which is open already.
    explicit FileWatch(std::filesystem::path file);

    // What is wrong, after the words "the store …"; empty: nothing. Looks at the names of the files, not at what is in them.
    std::string trouble();

  private:
    struct Found {
        dev_t device;
        ino_t number;
        off_t size;
    };
    static std::optional<Found> look(const std::filesystem::path &file);
    static bool is_same(const std::optional<Found> &before, const std::optional<Found> &now);

    const std::filesystem::path file_, log_file_;
    std::optional<Found> database_, log_; // as they were when they were first seen; the database as large as it ever was
};

} // namespace rsf::store
