// SPDX-License-Identifier: Apache-2.0
//
// A store in a file of SQLite. One thread writes: all batches that wait become one transaction, so that a commit's time on the
// disk is shared by all who wait for it. Readers have connections of their own and never wait for it. Thread-safe.
#pragma once

#include "base/file_descriptor.hpp"
#include "base/log.hpp"
#include "shared/mutex.hpp"
#include "store/sqlite/file_watch.hpp"
#include "store/store.hpp"

#include <filesystem>
#include <memory>
#include <thread>

namespace SQLite {
class Database;
} // namespace SQLite

namespace rsf::store {

class Writer;

class SqliteStore final : public Store {
  public:
    // Opens the file, makes it if there is none, and brings it to this version. later: runs what a commit calls when it is done,
    // on another thread and in order, or at least soon.
    static Result<std::unique_ptr<SqliteStore>> open(std::filesystem::path file, std::function<void(std::function<void()>)> later,
                                                     Log log);
    ~SqliteStore() override;

    void commit(std::vector<Change> batch, Done done) override;
    Result<std::optional<Operation>> find(const std::string &id) override;
    Result<Page> list(const Filter &filter, std::size_t limit, const std::string &after) override;
    Result<std::vector<Operation>> unfinished() override;
    Result<std::optional<KeyUse>> key(const std::string &caller, const std::string &text, Time at) override;
    Result<std::size_t> count() override;
    Health health() const override;
    std::string name() const override { return "sqlite:" + file_.string(); }
    void close() override;
    bool outlasts_daemon() const override { return true; }

  private:
    struct Batch {
        std::vector<Change> changes;
        Done done;
        Result<void> result{};
    };
    class Reading;

    SqliteStore(std::filesystem::path file, FileDescriptor claim, std::unique_ptr<SQLite::Database> database,
                std::function<void(std::function<void()>)> later, Log log);
    void run();
    void write(std::vector<Batch> &batches);
    std::string try_to_write(std::vector<Batch> &batches);
    void look_again();
    void empty_log();
    void note(std::string failure);
    void note_if_damaged(const std::exception &error);
    template <class Work> auto read(Work work) -> decltype(work(std::declval<SQLite::Database &>()));

    const std::filesystem::path file_;
    const FileDescriptor claim_;
    const std::unique_ptr<SQLite::Database> database_; // used by the thread only, as is the watch
    FileWatch watch_;
    std::unique_ptr<Writer> writer_; // on it; made when it is first needed
    const std::function<void(std::function<void()>)> later_;
    const Log log_;

    mutable shared::Mutex mutex_;
    shared::Condition changed_;
    std::vector<Batch> waiting_ GUARDED_BY(mutex_);
    bool stopping_ GUARDED_BY(mutex_) = false;
    std::string failure_ GUARDED_BY(mutex_); // why the last transaction failed; empty: it did not
    std::string damage_ GUARDED_BY(mutex_);  // what was found wrong with the file, which only a new start can mend
    std::vector<std::unique_ptr<SQLite::Database>> readers_ GUARDED_BY(mutex_); // connections that nobody uses

    std::thread thread_; // last: it uses all of the above
};

} // namespace rsf::store
