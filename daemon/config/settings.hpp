// SPDX-License-Identifier: Apache-2.0
//
// The daemon's own settings file, checked and with its defaults filled in. Plain values: thread-safe as values are.
#pragma once

#include "base/error.hpp"
#include "config/credentials.hpp"
#include "http/limits.hpp"
#include "http/listen_address.hpp"
#include "parse/document.hpp"
#include "process/isolation.hpp"
#include "run/target.hpp"

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
    run::TargetLimits limits;
    std::optional<run::Strategy> strategy; // none: create-replace, or that of the target which it stands over
    boost::json::object settings;          // the driver's, not yet checked by its schema

    friend bool operator==(const TargetSettings &, const TargetSettings &) = default;
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
    std::chrono::milliseconds shutdown_grace{};
    http::HttpLimits limits;
    std::vector<TargetSettings> targets; // at least one
    parse::Places places;                // of everything in the file
    std::vector<std::string> secrets;    // what credentials filled in: nobody is told

    // error, which came from checking a target's driver settings, with its place in this file and without secrets.
    Error located(Error error, const TargetSettings &target, std::string_view key = "settings") const;
};

// Reads and checks the whole file, and fills in the credentials that drivers' settings refer to; the error's causes are all that
// is wrong, each with line and column.
Result<Settings> read_settings(const std::filesystem::path &file);

// The same for text that came from file.
Result<Settings> parse_settings(std::string_view text, const std::filesystem::path &file,
                                Credentials credentials = Credentials({}));

// The JSON Schemas of the file and of one entry of its targets: every setting, its default and a line of why.
const boost::json::object &settings_schema();
const boost::json::object &target_schema();

} // namespace rsf::config
