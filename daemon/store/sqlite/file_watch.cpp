// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/file_watch.hpp"

#include <sys/stat.h>

#include <utility>

namespace rsf::store {

FileWatch::FileWatch(std::filesystem::path file)
    : file_(std::move(file)), log_file_(file_.string() + "-wal"), database_(look(file_)), log_(look(log_file_)) {}

std::optional<FileWatch::Found> FileWatch::look(const std::filesystem::path &file) {
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0) return std::nullopt;
    return Found{found.st_dev, found.st_ino, found.st_size};
}

bool FileWatch::is_same(const std::optional<Found> &before, const std::optional<Found> &now) {
    return before && now && before->device == now->device && before->number == now->number;
}

std::string FileWatch::trouble() {
    const std::optional<Found> database = look(file_), log = look(log_file_);
    constexpr const char *gone =
        " was removed or replaced while the daemon uses it: put the same file back, or restart the daemon, "
        "which then begins with what is there";
    if (!is_same(database_, database)) return std::string("can't be used: its file") + gone;
    // It never shrinks: nothing asks SQLite to give room back.
    if (database->size < database_->size) return "is damaged: its file was cut short. Restore a backup";
    database_ = database;
    if (log_ && !is_same(log_, log)) return std::string("can't be used: its file *-wal") + gone;
    log_ = log;
    return {};
}

} // namespace rsf::store
