// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/schema.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <array>
#include <string>

namespace rsf::store {

namespace {

// The statements that make each version from the one before it. What was released is never changed: a change is a new entry.
//
// An operation is one row, steps included, so that a small one costs one row when it begins and one when it ends. progress has
// what became of steps while it runs; the end takes it into the operation's row.
constexpr std::array<const char *, schema_version> steps_up{
    R"(
    CREATE TABLE operations (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL, verb TEXT NOT NULL, namespace TEXT NOT NULL,
        request_id TEXT NOT NULL, reason TEXT NOT NULL,
        caller TEXT NOT NULL, caller_groups TEXT NOT NULL, caller_address TEXT NOT NULL,
        created INTEGER NOT NULL, started INTEGER, ended INTEGER, state TEXT NOT NULL,
        failure TEXT NOT NULL, code TEXT NOT NULL, cancelled INTEGER NOT NULL,
        resources INTEGER NOT NULL, failed INTEGER NOT NULL,
        steps TEXT NOT NULL, payload BLOB,
        key_caller TEXT, key_text TEXT, key_digest TEXT, key_expires INTEGER
    );
    CREATE INDEX operations_under_way ON operations (id) WHERE ended IS NULL;
    CREATE INDEX operations_of_target ON operations (target, id);
    CREATE INDEX operations_in_state ON operations (state, id);
    CREATE INDEX operations_of_caller ON operations (caller, id) WHERE caller <> '';
    CREATE INDEX keys ON operations (key_caller, key_text) WHERE key_text IS NOT NULL;
    CREATE INDEX keys_expire ON operations (key_expires) WHERE key_text IS NOT NULL;
    CREATE INDEX operations_to_forget ON operations (id) WHERE ended IS NOT NULL AND key_text IS NULL;
    CREATE TABLE objects (
        kind TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL, namespace TEXT NOT NULL, operation TEXT NOT NULL,
        PRIMARY KEY (kind, name, namespace, operation)
    ) WITHOUT ROWID;
    CREATE TABLE progress (
        operation TEXT NOT NULL, step INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (operation, step)
    ) WITHOUT ROWID;
    )",
};

} // namespace

Result<void> migrate(SQLite::Database &database) {
    const int found = database.execAndGet("PRAGMA user_version").getInt();
    if (found == schema_version) return {};
    if (found > schema_version || found < 0)
        return unsupported("it was written by a newer resourcifierd (version " + std::to_string(found) +
                           " of its tables; this one knows " + std::to_string(schema_version) +
                           "): run that one, or restore a backup from before");
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    for (auto version = static_cast<std::size_t>(found); version < steps_up.size(); ++version)
        database.exec(steps_up.at(version));
    database.exec("PRAGMA user_version = " + std::to_string(schema_version));
    transaction.commit();
    return {};
}

} // namespace rsf::store
