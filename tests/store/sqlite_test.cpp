// SPDX-License-Identifier: Apache-2.0
//
// What only a store in a file does: it survives, is shared with nobody, fails and comes back.
#include "support/catch.hpp"

#include "store/sqlite/schema.hpp"
#include "store/sqlite/sqlite_file.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include "store/store_samples.hpp"
#include "support/log_lines.hpp"
#include "support/temp_folder.hpp"

#include <SQLiteCpp/Transaction.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace {

using namespace rsf;
using namespace rsf::store;
using Catch::Matchers::ContainsSubstring;

struct File {
    test::TempFolder folder;
    test::Lines log;
    std::filesystem::path path() const { return folder / "operations.db"; }
    Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path &file) {
        return SqliteStore::open(
            file, [](auto work) { work(); }, log.log);
    }
    std::unique_ptr<SqliteStore> open() { return got(open(path())); }
};

mode_t mode_of(const std::filesystem::path &file) {
    struct stat found {};
    return ::stat(file.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

std::string refusal_of(File &file, const std::filesystem::path &path) {
    const auto opened = file.open(path);
    return opened ? "opened" : opened.error().message;
}

} // namespace

TEST_CASE("what was committed is there after the store was opened again, and the files are the daemon's alone") {
    File file;
    const Operation first = operation_at(0), second = operation_at(1);
    {
        const auto store = file.open();
        CHECK(store->name() == "sqlite:" + file.path().string());
        REQUIRE(commit(*store, {Begin{first}, Begin{second}}).has_value());
        REQUIRE(commit(*store, {End{ended(first)}}).has_value());
        for (const auto &each : std::filesystem::directory_iterator(file.folder.path())) {
            INFO(each.path());
            CHECK(mode_of(each.path()) == 0600);
        }
    }
    const auto store = file.open();
    CHECK(got(store->find(first.id))->state == State::succeeded);
    CHECK(got(store->unfinished()).at(0).id == second.id);
    CHECK(got(check_file(file.path())) == "2 operations, version 1 of the tables");
}

TEST_CASE("a store that is closed has committed what waited, and may be let go by a callback of a commit") {
    File file;
    std::shared_ptr<SqliteStore> store = file.open();
    SqliteStore &open = *store;
    std::atomic<int> done = 0;
    for (int i = 0; i < 20; ++i)
        open.commit({Begin{operation_at(i)}}, [store, &done](const Result<void> &result) { done += result ? 1 : 100; });
    store->close();
    CHECK(done == 20);
    bool is_refused = false;
    open.commit({Begin{operation_at(30)}}, [&](const Result<void> &result) { is_refused = !result; });
    CHECK(is_refused);
    store = nullptr;
    CHECK(got(file.open()->count()) == 20);
}

TEST_CASE("a file that is there becomes the daemon's alone") {
    File file;
    { std::ofstream(file.path()).close(); }
    std::filesystem::permissions(file.path(), std::filesystem::perms(0644));
    const auto store = file.open();
    REQUIRE(commit(*store, {Begin{operation_at(0)}}).has_value());
    for (const char *part : {"", "-wal", "-shm"}) CHECK(mode_of(file.path().string() + part) == 0600);
}

TEST_CASE("a batch that waits when the store ends is committed first") {
    File file;
    std::atomic<int> done = 0;
    {
        const auto store = file.open();
        for (int i = 0; i < 100; ++i)
            store->commit({Begin{operation_at(i)}}, [&](const Result<void> &result) { done += result ? 1 : 1000; });
    }
    CHECK(done == 100);
    CHECK(got(file.open()->count()) == 100);
}

TEST_CASE("a file serves one daemon, whose name another is told") {
    File file;
    const auto store = file.open();
    std::filesystem::create_hard_link(file.path(), file.folder / "another name.db");
    for (const auto &name : {file.path(), file.folder / "another name.db"})
        CHECK_THAT(refusal_of(file, name), ContainsSubstring("is used by another resourcifierd"));
    CHECK_THAT(migrate_file(file.path()).error().message, ContainsSubstring("is used by another resourcifierd"));
}

TEST_CASE("what is no store is refused with what to do") {
    File file;
    file.folder.write("text.db", "this is a text and not what SQLite writes, though it is long enough to be one");
    CHECK_THAT(refusal_of(file, file.folder / "text.db"), ContainsSubstring("is damaged, or no SQLite file"));
    CHECK_THAT(refusal_of(file, file.folder / "nowhere" / "x.db"), ContainsSubstring("No such file or directory"));
    std::filesystem::create_directory(file.folder / "folder.db");
    CHECK_THAT(refusal_of(file, file.folder / "folder.db"), ContainsSubstring("Is a directory"));
    std::filesystem::create_symlink("/etc/hostname", file.folder / "link.db");
    CHECK_THAT(refusal_of(file, file.folder / "link.db"), ContainsSubstring("can't be opened"));
    CHECK_FALSE(check_file(file.folder / "text.db").has_value());
    CHECK_FALSE(check_file(file.folder / "none.db").has_value());
    CHECK_FALSE(back_up_file(file.folder / "none.db", file.folder / "copy.db").has_value());
    CHECK_FALSE(migrate_file(file.folder / "none.db").has_value());
    CHECK_FALSE(std::filesystem::exists(file.folder / "none.db"));
}

TEST_CASE("tables of a newer daemon are refused, and a file without tables gets them") {
    File file;
    file.open();
    {
        SQLite::Database database(file.path(), SQLite::OPEN_READWRITE);
        database.exec("PRAGMA user_version = 99");
    }
    CHECK_THAT(refusal_of(file, file.path()), ContainsSubstring("it was written by a newer resourcifierd (version 99"));
    CHECK_THAT(check_file(file.path()).error().message, ContainsSubstring("has version 99"));
    CHECK_FALSE(migrate_file(file.path()).has_value());

    file.folder.write("empty.db", "");
    CHECK_THAT(check_file(file.folder / "empty.db").error().message, ContainsSubstring("store migrate"));
    CHECK_THAT(got(migrate_file(file.folder / "empty.db")), ContainsSubstring("became version 1"));
    CHECK_THAT(got(migrate_file(file.folder / "empty.db")), ContainsSubstring("nothing to do"));
    CHECK(check_file(file.folder / "empty.db").has_value());
}

TEST_CASE("a backup is whole while commits go on, is the daemon's alone, and overwrites nothing") {
    File file;
    const auto store = file.open();
    std::atomic<bool> stops = false;
    std::thread writer([&] {
        for (int i = 0; !stops; ++i) {
            const Operation operation = operation_at(i);
            static_cast<void>(commit(*store, {Begin{operation}}));
            static_cast<void>(commit(*store, {End{ended(operation)}}));
        }
    });
    while (got(store->count()) < 20) std::this_thread::yield();
    const auto copy = file.folder / "copy.db";
    const auto made = back_up_file(file.path(), copy);
    stops = true;
    writer.join();
    REQUIRE(made.has_value());
    CHECK(mode_of(copy) == 0600);
    CHECK(check_file(copy).has_value());
    CHECK(got(got(file.open(copy))->count()) >= 20);
    CHECK_THAT(back_up_file(file.path(), copy).error().message, ContainsSubstring("File exists"));
}

TEST_CASE("copies of the folder taken at any moment open, with all whose commit was told before") {
    File file;
    const auto store = file.open();
    std::atomic<bool> stops = false;
    std::atomic<std::size_t> committed = 0;
    std::thread writer([&] {
        for (int i = 0; !stops; ++i)
            if (commit(*store, {Begin{operation_at(i, {"a", "b", "c"})}})) ++committed;
    });
    for (int round = 0; round < 20; ++round) {
        const std::size_t before = committed;
        const auto copy = file.folder / ("copy" + std::to_string(round));
        std::filesystem::create_directory(copy);
        // As a snapshot has it, in the order in which SQLite relies on it: what the file lacks is in the log.
        for (const char *name : {"operations.db", "operations.db-wal"})
            std::filesystem::copy_file(file.folder / name, copy / name);
        const auto opened = file.open(copy / "operations.db");
        REQUIRE(opened.has_value());
        CHECK(got((*opened)->count()) >= before);
        CHECK(check_file(copy / "operations.db").has_value());
    }
    stops = true;
    writer.join();
}

TEST_CASE("a store that is locked by another process fails its commits, says so, and works again by itself") {
    File file;
    const auto store = file.open();
    const Operation lost = operation_at(0), kept = operation_at(1);
    {
        SQLite::Database other(file.path(), SQLite::OPEN_READWRITE);
        SQLite::Transaction transaction(other, SQLite::TransactionBehavior::IMMEDIATE);
        other.exec("PRAGMA user_version = 1");
        const auto failed = commit(*store, {Begin{lost}});
        REQUIRE_FALSE(failed.has_value());
        CHECK(failed.error().code == Code::unavailable);
        CHECK(failed.error().message == "the store is locked by another process");
        CHECK_FALSE(store->health().ok);
        CHECK(store->health().reason == "The store is locked by another process.");
        CHECK_FALSE(got(store->find(lost.id))); // reads go on
    }
    while (!store->health().ok) std::this_thread::yield(); // without a commit
    REQUIRE(commit(*store, {Begin{kept}}).has_value());
    CHECK(got(store->find(kept.id)));
    CHECK_FALSE(got(store->find(lost.id)));
    CHECK(file.log.with("is locked by another process").size() == 1);
    CHECK(file.log.with("operations.db works again").size() == 1);
}

TEST_CASE("a store whose file is taken away or replaced says so without a commit, takes none, and works again once it is back") {
    File file;
    const auto store = file.open();
    REQUIRE(commit(*store, {Begin{operation_at(0)}}).has_value());
    const auto wait_until = [&](bool ok) {
        while (store->health().ok != ok) std::this_thread::yield();
    };
    const std::filesystem::path aside = file.folder / "aside.db";
    for (const char *const part : {"", "-wal"}) {
        INFO(part);
        const std::filesystem::path taken = file.path().string() + part;
        std::filesystem::rename(taken, aside);
        wait_until(false);
        CHECK_THAT(store->health().reason, ContainsSubstring("was removed or replaced while the daemon uses it"));
        if (*part == '\0') std::filesystem::copy_file(aside, taken); // another file, though with the same content
        const auto refused = commit(*store, {Begin{operation_at(1)}});
        REQUIRE_FALSE(refused.has_value());
        CHECK_THAT(refused.error().message, ContainsSubstring("put the same file back, or restart the daemon"));
        std::filesystem::rename(aside, taken);
        wait_until(true);
        CHECK(commit(*store, {Begin{operation_at(*part == '\0' ? 2 : 3)}}).has_value());
    }
    CHECK(got(store->count()) == 3);
}

TEST_CASE("a store whose file is cut short says so, and takes no commit") {
    File file;
    const auto store = file.open();
    REQUIRE(commit(*store, {Begin{operation_at(0)}}).has_value());
    while (std::filesystem::file_size(file.path().string() + "-wal") != 0) std::this_thread::yield();
    REQUIRE(commit(*store, {Begin{operation_at(2)}}).has_value()); // by now the daemon knows how large it is
    std::filesystem::resize_file(file.path(), 100);
    while (store->health().ok) std::this_thread::yield();
    CHECK(store->health().reason == "The store is damaged: its file was cut short. Restore a backup.");
    CHECK_FALSE(commit(*store, {Begin{operation_at(1)}}).has_value());
}

TEST_CASE("a store in which a read finds damage is not well any more") {
    File file;
    Operation large = operation_at(0);
    large.reason = std::string(20'000, 'x');
    {
        const auto store = file.open();
        REQUIRE(commit(*store, {Begin{large}}).has_value());
    }
    {
        std::fstream out(file.path(), std::ios::in | std::ios::out | std::ios::binary);
        const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file.path()));
        for (std::streamoff at = 4096; at < size; at += 64) out.seekp(at).write("damage!", 7); // all pages but the first
    }
    const auto store = file.open();
    CHECK(store->health().ok);
    const auto found = store->find(large.id);
    REQUIRE_FALSE(found.has_value());
    CHECK_THAT(found.error().message, ContainsSubstring("is damaged, or no SQLite file"));
    CHECK_FALSE(store->health().ok);
    CHECK_THAT(store->health().reason, ContainsSubstring("restore a backup"));
}

TEST_CASE("a store that can't grow fails its commits, and works again when it can") {
    File file;
    const auto store = file.open();
    const Operation before = operation_at(0);
    REQUIRE(commit(*store, {Begin{before}}).has_value());
    const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
    rlimit usual{};
    ::getrlimit(RLIMIT_FSIZE, &usual);
    const rlimit small{std::filesystem::file_size(file.folder / "operations.db-wal"), usual.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    Operation large = operation_at(1);
    large.payload.resize(1 << 20, 'x');
    const auto failed = commit(*store, {Begin{large}});
    const bool is_well = store->health().ok;
    ::setrlimit(RLIMIT_FSIZE, &usual);
    std::signal(SIGXFSZ, ignored);
    REQUIRE_FALSE(failed.has_value());
    CHECK_FALSE(is_well);
    while (!store->health().ok) std::this_thread::yield();
    REQUIRE(commit(*store, {Begin{large}}).has_value());
    CHECK(got(store->find(large.id))->payload.size() == large.payload.size());
    CHECK(got(store->find(before.id)));
}

TEST_CASE("the log beside the file is emptied when nothing is written for a while") {
    File file;
    const auto store = file.open();
    Operation operation = operation_at(0);
    operation.payload = "payload-that-is-forgotten";
    REQUIRE(commit(*store, {Begin{operation}}).has_value());
    REQUIRE(commit(*store, {End{ended(operation)}}).has_value());
    while (std::filesystem::file_size(file.folder / "operations.db-wal") != 0) std::this_thread::yield();
    CHECK(file.folder.read("operations.db").find(operation.payload) == std::string::npos);
    REQUIRE(commit(*store, {Begin{operation_at(1)}}).has_value());
    CHECK(got(store->count()) == 2);
}

TEST_CASE("what was forgotten is overwritten in the file") {
    File file;
    const std::string secret = "payload-of-a-secret-that-nobody-should-find";
    {
        const auto store = file.open();
        Operation operation = operation_at(0);
        operation.payload = secret;
        REQUIRE(commit(*store, {Begin{operation}}).has_value());
        REQUIRE(commit(*store, {End{ended(operation)}}).has_value());
    }
    CHECK(file.folder.read("operations.db").find(secret) == std::string::npos);
    CHECK_FALSE(std::filesystem::exists(file.path().string() + "-wal")); // taken into the file when the store ended
}
