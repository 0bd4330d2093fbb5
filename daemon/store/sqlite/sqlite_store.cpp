// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_store.hpp"

#include "base/text.hpp"
#include "shared/failpoint.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/sqlite_file.hpp"
#include "store/sqlite/tables.hpp"

#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <exception>
#include <iterator>

namespace rsf::store {

namespace {

constexpr std::size_t most_at_once = 512;             // batches in one transaction
constexpr std::size_t most_idle_readers = 4;          // connections
constexpr std::chrono::seconds time_between_tries(1); // while it can't write
constexpr std::chrono::seconds time_to_rest(1);       // without commits, before the log is emptied
constexpr std::chrono::seconds time_between_looks(2); // at the files, without commits

bool has_key(const Change &change) {
    const auto *begin = std::get_if<Begin>(&change);
    return begin && begin->operation.key;
}

} // namespace

// A connection for one read.
class SqliteStore::Reading {
  public:
    explicit Reading(SqliteStore &store) : store_(store) {
        {
            const shared::Lock lock(store_.mutex_);
            if (!store_.readers_.empty()) {
                database_ = std::move(store_.readers_.back());
                store_.readers_.pop_back();
            }
        }
        if (!database_) database_ = open_for_reading(store_.file_);
    }
    ~Reading() {
        const shared::Lock lock(store_.mutex_);
        if (store_.readers_.size() < most_idle_readers) store_.readers_.push_back(std::move(database_));
    }
    Reading(const Reading &) = delete;
    Reading &operator=(const Reading &) = delete;

    SQLite::Database &database() { return *database_; }

  private:
    SqliteStore &store_;
    std::unique_ptr<SQLite::Database> database_;
};

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(std::filesystem::path file,
                                                       std::function<void(std::function<void()>)> later, Log log) {
    auto claim = claim_file(file);
    if (!claim) return claim.error();
    const auto unusable = [&](const std::string &why) {
        return unavailable("the store " + in_quotes(file.string(), 300) + " can't be used: " + why);
    };
    try {
        auto database = open_for_writing(file);
        if (auto migrated = migrate(*database); !migrated) return unusable(migrated.error().message);
        return std::unique_ptr<SqliteStore>(
            new SqliteStore(std::move(file), std::move(*claim), std::move(database), std::move(later), std::move(log)));
    } catch (const std::exception &error) {
        return unusable("it " + reason_of(error));
    }
}

SqliteStore::SqliteStore(std::filesystem::path file, FileDescriptor claim, std::unique_ptr<SQLite::Database> database,
                         std::function<void(std::function<void()>)> later, Log log)
    : file_(std::move(file)), claim_(std::move(claim)), database_(std::move(database)), watch_(file_), later_(std::move(later)),
      log_(std::move(log)), thread_([this] { run(); }) {}

SqliteStore::~SqliteStore() { close(); }

void SqliteStore::close() {
    {
        const shared::Lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void SqliteStore::commit(std::vector<Change> batch, Done done) {
    {
        const shared::Lock lock(mutex_);
        if (!stopping_) {
            waiting_.push_back({std::move(batch), std::move(done)});
            return changed_.notify_all();
        }
    }
    done(unavailable("the store is closed"));
}

void SqliteStore::run() {
    shared::Lock lock(mutex_);
    bool has_written = false; // since the log was emptied
    for (;;) {
        const auto has_work = [&]() REQUIRES(mutex_) { return !waiting_.empty() || stopping_; };
        if (!failure_.empty()) {
            changed_.wait_for(lock, time_between_tries, has_work);
        } else if (has_written && !changed_.wait_for(lock, time_to_rest, has_work)) {
            has_written = false;
            lock.unlock();
            empty_log();
            lock.lock();
            continue;
        } else if (!changed_.wait_for(lock, time_between_looks, has_work)) {
            lock.unlock();
            note(watch_.trouble());
            lock.lock();
            continue;
        }
        if (waiting_.empty() && stopping_) return;
        std::vector<Batch> batches;
        if (waiting_.size() <= most_at_once) {
            batches.swap(waiting_);
        } else {
            const auto end = waiting_.begin() + most_at_once;
            batches.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
            waiting_.erase(waiting_.begin(), end);
        }
        lock.unlock();
        if (batches.empty())
            look_again();
        else
            write(batches);
        has_written = true;
        lock.lock();
    }
}

// All of them in one transaction. Only a key that is taken refuses one alone, and nothing of it was written then.
void SqliteStore::write(std::vector<Batch> &batches) {
    std::string failure = watch_.trouble();
    if (failure.empty()) failure = try_to_write(batches);
    for (Batch &batch : batches)
        if (!failure.empty()) batch.result = unavailable("the store " + failure);
    note(failure);
    const auto kept = std::make_shared<std::vector<Batch>>(std::move(batches));
    later_([kept] {
        for (Batch &batch : *kept) batch.done(std::move(batch.result));
        RSF_FAILPOINT("store.commit.told");
    });
}

// Empty, or why it could not.
std::string SqliteStore::try_to_write(std::vector<Batch> &batches) {
    try {
        if (!writer_) writer_ = std::make_unique<Writer>(*database_);
        SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
        for (Batch &batch : batches) {
            const bool can_be_refused = std::any_of(batch.changes.begin(), batch.changes.end(), has_key);
            if (can_be_refused) database_->exec("SAVEPOINT batch");
            for (const Change &change : batch.changes)
                if (batch.result = writer_->carry_out(change); !batch.result) break;
            if (can_be_refused) database_->exec(batch.result ? "RELEASE batch" : "ROLLBACK TO batch; RELEASE batch");
        }
        RSF_FAILPOINT("store.commit.before");
        transaction.commit();
        RSF_FAILPOINT("store.commit.after");
        return {};
    } catch (const std::exception &error) {
        note_if_damaged(error);
        return reason_of(error);
    }
}

// Writes what is there already, to see whether it can.
void SqliteStore::look_again() {
    if (std::string trouble = watch_.trouble(); !trouble.empty()) return note(std::move(trouble));
    try {
        SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
        database_->exec("PRAGMA user_version = " + std::to_string(schema_version));
        transaction.commit();
        note({});
    } catch (const std::exception &error) {
        note_if_damaged(error);
        note(reason_of(error));
    }
}

// Takes the write-ahead log into the file, which overwrites there what was forgotten, and makes it empty.
void SqliteStore::empty_log() {
    if (std::string trouble = watch_.trouble(); !trouble.empty()) return note(std::move(trouble));
    try {
        database_->exec("PRAGMA wal_checkpoint(TRUNCATE)");
        note(watch_.trouble());             // which sees how large the file is now
    } catch (const std::exception &error) { // a reader is in it, or the disk is full: the next commit says so
        log_->debug("the write-ahead log of the store {} is not emptied: it {}", file_.string(), reason_of(error));
    }
}

void SqliteStore::note_if_damaged(const std::exception &error) {
    if (!is_damage(error)) return;
    const shared::Lock lock(mutex_);
    damage_ = reason_of(error);
}

void SqliteStore::note(std::string failure) {
    {
        const shared::Lock lock(mutex_);
        if (failure.empty()) failure = damage_;
        if (failure_ == failure) return;
        failure_ = failure;
    }
    if (failure.empty())
        log_->info("the store {} works again", file_.string());
    else
        log_->error("the store {} {}: writes are refused until it works again, and what is under way is kept in memory",
                    file_.string(), failure);
}

Health SqliteStore::health() const {
    const shared::Lock lock(mutex_);
    if (failure_.empty()) return {};
    return {false, "The store " + failure_ + "."};
}

template <class Work> auto SqliteStore::read(Work work) -> decltype(work(std::declval<SQLite::Database &>())) {
    try {
        Reading reading(*this);
        return work(reading.database());
    } catch (const std::exception &error) {
        note_if_damaged(error);
        if (is_damage(error)) note({});
        return unavailable("the store " + reason_of(error));
    }
}

Result<std::optional<Operation>> SqliteStore::find(const std::string &id) {
    return read([&](SQLite::Database &database) { return store::find(database, id); });
}

Result<Page> SqliteStore::list(const Filter &filter, std::size_t limit, const std::string &after) {
    return read([&](SQLite::Database &database) { return store::list(database, filter, limit, after); });
}

Result<std::vector<Operation>> SqliteStore::unfinished() {
    return read([](SQLite::Database &database) { return store::unfinished(database); });
}

Result<std::optional<KeyUse>> SqliteStore::key(const std::string &caller, const std::string &text, Time at) {
    return read(
        [&](SQLite::Database &database) { return Result<std::optional<KeyUse>>(store::key(database, caller, text, at)); });
}

Result<std::size_t> SqliteStore::count() {
    return read([](SQLite::Database &database) { return Result<std::size_t>(store::count(database)); });
}

} // namespace rsf::store
