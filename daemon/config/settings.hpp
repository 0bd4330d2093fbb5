// SPDX-License-Identifier: Apache-2.0
//
// The daemon's own settings file, checked and with its defaults filled in; table.hpp has every setting. Plain values: thread-safe
// as values are.
#pragma once

#include "base/error.hpp"
#include "config/credentials.hpp"
#include "config/target_limits.hpp"
#include "http/limits.hpp"
#include "http/listen/listen_address.hpp"
#include "parse/document.hpp"
#include "process/isolation.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rsf::config {

struct TargetSettings {
    std::string name;
    std::string driver; // a name from the driver path, or an absolute path of a file
    process::Isolation isolation = process::Isolation::process;
    process::ProcessLimits process; // of the driver's own
    TargetLimits limits;
    std::optional<Strategy> strategy; // none: create-replace, or that of the target that it plans over
    boost::json::object settings;     // the driver's, not yet checked by its schema

    friend bool operator==(const TargetSettings &, const TargetSettings &) = default;
};

// Which credentials may fill in, and which are never shown.
struct SecretTexts {
    std::vector<std::string> texts;

    friend bool operator==(const SecretTexts &, const SecretTexts &) = default;
};

struct Settings {
    std::filesystem::path file;
    std::vector<http::ListenAddress> listen;
    bool insecure_listen = false;
    std::vector<std::string> hosts; // that requests may name (AllowedHosts)
    std::size_t threads = 2;
    std::string default_target;
    std::vector<std::filesystem::path> driver_path;
    std::string log_level;
    std::string log_format;
    std::chrono::milliseconds shutdown_delay{};
    std::chrono::milliseconds shutdown_grace{};
    std::string store; // "memory" or "sqlite:/path"; empty: where the service manager says
    SecretTexts store_keys;
    std::chrono::milliseconds history_time{};
    std::size_t history_count = 0;
    std::string after_restart; // "resume" or "stop"
    http::HttpLimits limits;
    std::vector<TargetSettings> targets; // at least one, in the order of the file
    parse::Places places;                // of everything in the file
    std::vector<std::string> secrets;    // what credentials filled in: never shown

    // error with the place of pointer in this file.
    Error located(Error error, std::string pointer) const;
    // error, which came from checking a target's driver settings, with its place in this file and without secrets. Causes that
    // have a file of their own keep their places.
    Error located(Error error, const TargetSettings &target, std::string_view key = "settings") const;
    // Each cause of error, or error itself where it has none, located.
    std::vector<Error> each_located(const Error &error, const TargetSettings &target, std::string_view key = "settings") const;
};

// A file that may have mistakes.
struct Draft {
    Settings settings;           // what has no mistake; its targets are all of the file's, by name
    std::vector<Error> mistakes; // each with line and column; empty: the settings are whole
};

// Reads and checks the whole file, and fills in the credentials that drivers' settings refer to.
Draft draft_settings(const std::filesystem::path &file);
// The same for text that came from file.
Draft draft_settings(std::string_view text, const std::filesystem::path &file, Credentials credentials = Credentials({}));

// The same, or an error whose causes are all mistakes.
Result<Settings> read_settings(const std::filesystem::path &file);
Result<Settings> parse_settings(std::string_view text, const std::filesystem::path &file,
                                Credentials credentials = Credentials({}));

} // namespace rsf::config
