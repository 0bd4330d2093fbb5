// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_file.hpp"

#include "base/text.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/tables.hpp"

#include <SQLiteCpp/Exception.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace rsf::store {

namespace {

constexpr int time_for_locks = 2000; // ms that a statement waits for another process's transaction

std::string last_error() { return std::generic_category().message(errno); }

Result<void> check_is_file(const std::filesystem::path &file) {
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0)
        return not_found("there is no store " + in_quotes(file.string(), 300) + ": " + last_error());
    if (!S_ISREG(found.st_mode)) return invalid("the store " + in_quotes(file.string(), 300) + " is not a regular file");
    return {};
}

template <class Work> auto guarded(const std::filesystem::path &file, Work work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception &error) {
        return unavailable("the store " + in_quotes(file.string(), 300) + " " + reason_of(error));
    }
}

} // namespace

bool is_damage(const std::exception &error) {
    const auto *sqlite = dynamic_cast<const SQLite::Exception *>(&error);
    return sqlite && (sqlite->getErrorCode() == SQLITE_CORRUPT || sqlite->getErrorCode() == SQLITE_NOTADB);
}

std::string reason_of(const std::exception &error) {
    const auto *sqlite = dynamic_cast<const SQLite::Exception *>(&error);
    if (!sqlite) return std::string("failed: ") + error.what();
    switch (sqlite->getErrorCode()) {
    case SQLITE_FULL: return "has no room left on its disk";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "is locked by another process";
    case SQLITE_READONLY: return "can't be written: its file or folder is read-only";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "is damaged, or no SQLite file: restore a backup, or move it away to begin anew";
    case SQLITE_CANTOPEN: return "can't be opened";
    default: return std::string("failed: ") + sqlite->what();
    }
}

Result<FileDescriptor> claim_file(const std::filesystem::path &file) {
    const std::string name = "the store " + in_quotes(file.string(), 300);
    FileDescriptor claim(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!claim) return unavailable(name + " can't be opened: " + last_error());
    if (auto regular = check_is_file(file); !regular) return regular.error();
    if (::flock(claim.get(), LOCK_EX | LOCK_NB) == 0) {
        // Also of a backup that was restored. What belongs to somebody else, or can't be written, is found out later.
        if (::fchmod(claim.get(), 0600) != 0 && errno != EPERM && errno != EROFS)
            return unavailable(name + " can't be made private: " + last_error());
        return claim;
    }
    if (errno != EWOULDBLOCK) return unavailable(name + " can't be locked: " + last_error());
    return unavailable(name + " is used by another resourcifierd: a file serves one daemon");
}

std::unique_ptr<SQLite::Database> open_for_writing(const std::filesystem::path &file) {
    auto database = std::make_unique<SQLite::Database>(file, SQLite::OPEN_READWRITE, time_for_locks);
    database->exec("PRAGMA journal_mode = WAL");
    database->exec("PRAGMA synchronous = FULL");
    database->exec("PRAGMA secure_delete = ON");
    return database;
}

std::unique_ptr<SQLite::Database> open_for_reading(const std::filesystem::path &file) {
    auto database = std::make_unique<SQLite::Database>(file, SQLite::OPEN_READWRITE, time_for_locks);
    database->exec("PRAGMA query_only = ON");
    return database;
}

Result<std::string> check_file(const std::filesystem::path &file) {
    if (auto found = check_is_file(file); !found) return found.error();
    return guarded(file, [&]() -> Result<std::string> {
        const auto database = open_for_reading(file);
        const auto damaged = [&](const std::string &what) {
            return invalid("the store " + in_quotes(file.string(), 300) + " is damaged: " + printable(what, 300) +
                           ". Restore a backup, or move it away to begin anew");
        };
        const std::string verdict = database->execAndGet("PRAGMA integrity_check(1)").getString();
        if (verdict != "ok") return damaged(verdict);
        const int version = database->execAndGet("PRAGMA user_version").getInt();
        if (version != schema_version)
            return unsupported("the store " + in_quotes(file.string(), 300) + " has version " + std::to_string(version) +
                               " of the tables, and this resourcifierd reads version " + std::to_string(schema_version) +
                               (version < schema_version ? ": resourcifierd store migrate brings it there" : ""));
        SQLite::Statement ids(*database, "SELECT id FROM operations");
        std::size_t count = 0;
        for (; ids.executeStep(); ++count)
            if (auto read = find(*database, ids.getColumn(0).getString()); !read) return damaged(read.error().message);
        return std::to_string(count) + (count == 1 ? " operation" : " operations") + ", version " + std::to_string(version) +
               " of the tables";
    });
}

Result<void> back_up_file(const std::filesystem::path &file, const std::filesystem::path &copy) {
    if (auto found = check_is_file(file); !found) return found.error();
    return guarded(file, [&]() -> Result<void> {
        const auto database = open_for_reading(file);
        const FileDescriptor made(::open(copy.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!made) return invalid("the copy " + in_quotes(copy.string(), 300) + " can't be made: " + last_error());
        // An empty file may be written to. query_only does not allow it, though nothing of this file is written.
        database->exec("PRAGMA query_only = OFF");
        SQLite::Statement into(*database, "VACUUM INTO ?");
        into.bind(1, copy.string());
        try {
            into.exec();
        } catch (...) {
            ::unlink(copy.c_str());
            throw;
        }
        const FileDescriptor written(::open(copy.c_str(), O_RDONLY | O_CLOEXEC));
        if (!written || ::fsync(written.get()) != 0)
            return unavailable("the copy " + in_quotes(copy.string(), 300) + " is not on disk: " + last_error());
        return {};
    });
}

Result<std::string> migrate_file(const std::filesystem::path &file) {
    if (auto found = check_is_file(file); !found) return found.error();
    auto claimed = claim_file(file);
    if (!claimed) return claimed.error();
    return guarded(file, [&]() -> Result<std::string> {
        const auto database = open_for_writing(file);
        const int before = database->execAndGet("PRAGMA user_version").getInt();
        if (auto migrated = migrate(*database); !migrated)
            return unsupported("the store " + in_quotes(file.string(), 300) + " can't be used: " + migrated.error().message);
        if (before == schema_version) return "version " + std::to_string(before) + " of the tables: nothing to do";
        return "version " + std::to_string(before) + " of the tables became version " + std::to_string(schema_version);
    });
}

} // namespace rsf::store
