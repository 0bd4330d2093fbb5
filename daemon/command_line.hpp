// SPDX-License-Identifier: Apache-2.0
//
// The command line of the daemon's program.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace rsf::daemon {

struct CommandLine {
    enum class Command {
        serve,
        check,
        list_drivers,
        describe_driver,
        check_store,
        back_up_store,
        migrate_store,
        reload,
        log_level,
        drain,
        resume,
        status,
        show_settings,
        driver_host
    };
    Command command = Command::serve;
    std::filesystem::path settings = "/etc/resourcifier/resourcifierd.yaml";
    std::optional<std::filesystem::path> control; // where the daemon is, or will be, reached by commands
    std::string driver;                           // for describe_driver and driver_host
    bool as_json = false;                         // for describe_driver, status and show_settings
    std::string log_level;
    std::filesystem::path copy; // for back_up_store
    std::string user;           // for check: as whom, instead of service_user
    std::string target;         // for driver_host, drain and resume; for the latter empty: all of them
};

// Or the exit code, after --help or a mistake, which was printed.
std::variant<CommandLine, int> read_command_line(int argc, char **argv);

} // namespace rsf::daemon
