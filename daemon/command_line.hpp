// SPDX-License-Identifier: Apache-2.0
//
// What the daemon's program is asked to do.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace rsf::daemon {

struct CommandLine {
    enum class Command { serve, check, list_drivers, describe_driver, reload, log_level, driver_host };
    Command command = Command::serve;
    std::filesystem::path settings = "/etc/resourcifier/resourcifierd.yaml";
    std::optional<std::filesystem::path> control; // where the daemon is, or will be, reached by commands
    std::string driver;                           // for describe_driver and driver_host
    bool as_json = false;
    std::string log_level;
    std::string user;   // for check: as whom, instead of service_user
    std::string target; // for driver_host
};

// Or the exit code, where all is said already: after --help, or a mistake.
std::variant<CommandLine, int> read_command_line(int argc, char **argv);

} // namespace rsf::daemon
