// SPDX-License-Identifier: Apache-2.0
//
// Which store the settings name, and what the commands do with its file. Thread-safe.
#pragma once

#include "base/error.hpp"
#include "base/log.hpp"
#include "config/settings.hpp"
#include "store/store.hpp"

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>

namespace rsf::daemon {

// The file of the store that the settings, or else the service manager, name; none: it is in memory.
std::optional<std::filesystem::path> store_file(const config::Settings &settings);

// later: see SqliteStore::open().
Result<std::shared_ptr<store::Store>> open_store(const config::Settings &settings,
                                                 std::function<void(std::function<void()>)> later, const Log &log);

// Each prints what people read to out and mistakes to err, and returns the exit code.
int check_store(const config::Settings &settings, std::ostream &out, std::ostream &err);
int back_up_store(const config::Settings &settings, const std::filesystem::path &copy, std::ostream &out, std::ostream &err);
int migrate_store(const config::Settings &settings, std::ostream &out, std::ostream &err);

} // namespace rsf::daemon
