// SPDX-License-Identifier: Apache-2.0
#include "open_store.hpp"

#include "store/memory/memory_store.hpp"
#include "store/sqlite/sqlite_file.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <cstdlib>
#include <ostream>
#include <string_view>
#include <utility>

namespace rsf::daemon {

namespace {

int print(const Result<std::string> &done, std::ostream &out, std::ostream &err) {
    (done ? out : err) << (done ? *done : to_string(done.error())) << "\n";
    return done ? 0 : 1;
}

// Does it with the file, if there is one.
template <class Work> int with_file(const config::Settings &settings, std::ostream &out, std::ostream &err, Work work) {
    const auto file = store_file(settings);
    if (!file)
        return print(invalid("the settings keep operations in memory: there is no file. A file is named by the setting store, or "
                             "by STATE_DIRECTORY in the environment, as systemd sets it"),
                     out, err);
    return print(work(*file), out, err);
}

} // namespace

std::optional<std::filesystem::path> store_file(const config::Settings &settings) {
    constexpr std::string_view sqlite = "sqlite:";
    if (settings.store.starts_with(sqlite)) return settings.store.substr(sqlite.size());
    if (!settings.store.empty()) return std::nullopt;
    const char *folders = std::getenv("STATE_DIRECTORY"); // several are separated by colons (systemd.exec(5))
    const std::string_view first = folders ? std::string_view(folders).substr(0, std::string_view(folders).find(':')) : "";
    if (!first.starts_with('/')) return std::nullopt;
    return std::filesystem::path(first) / "resourcifierd.db";
}

Result<std::shared_ptr<store::Store>> open_store(const config::Settings &settings,
                                                 std::function<void(std::function<void()>)> later, const Log &log) {
    const auto file = store_file(settings);
    if (!file) {
        log->info("operations are kept in memory: nothing of them survives a restart");
        return std::shared_ptr<store::Store>(std::make_shared<store::MemoryStore>());
    }
    auto opened = store::SqliteStore::open(*file, std::move(later), log);
    if (!opened) return opened.error();
    log->info("operations are kept in {}", file->string());
    return std::shared_ptr<store::Store>(std::move(*opened));
}

int check_store(const config::Settings &settings, std::ostream &out, std::ostream &err) {
    return with_file(settings, out, err, [](const auto &file) { return store::check_file(file); });
}

int back_up_store(const config::Settings &settings, const std::filesystem::path &copy, std::ostream &out, std::ostream &err) {
    return with_file(settings, out, err, [&](const auto &file) -> Result<std::string> {
        const auto done = store::back_up_file(file, copy);
        if (!done) return done.error();
        return copy.string() + " is a copy of " + file.string();
    });
}

int migrate_store(const config::Settings &settings, std::ostream &out, std::ostream &err) {
    return with_file(settings, out, err, [](const auto &file) { return store::migrate_file(file); });
}

} // namespace rsf::daemon
