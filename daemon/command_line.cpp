// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include "service/log_output.hpp"

#include <CLI/CLI.hpp>

namespace rsf::daemon {

std::variant<CommandLine, int> read_command_line(int argc, char **argv) {
    using Command = CommandLine::Command;
    CommandLine line;
    CLI::App app{"Turns configurations into objects of a cluster.", "resourcifierd"};
    app.set_version_flag("--version", "resourcifierd " RESOURCIFIER_FULL_VERSION);
    app.fallthrough();
    app.require_subcommand(0, 1);
    app.add_option("--settings", line.settings, "The settings file")->capture_default_str();
    app.add_option("--control", line.control,
                   "The daemon's control socket (with systemd in its runtime folder, for commands as a rule "
                   "/run/resourcifier/control.sock)");
    const auto command = [&](CLI::App &among, const char *name, const char *what, Command which) {
        CLI::App *added = among.add_subcommand(name, what);
        added->callback([&line, which] { line.command = which; });
        return added;
    };

    command(app, "serve", "Serve until SIGTERM or SIGINT (what happens without a command)", Command::serve);
    command(app, "check", "Check the settings, the drivers and each target without serving", Command::check)
        ->add_option("--user", line.user,
                     "Check as this user; root checks as the service's, resourcifier, where there is one. Only root can choose");
    CLI::App *drivers = app.add_subcommand("drivers", "The available drivers")->require_subcommand(1);
    command(*drivers, "list", "A line for each driver", Command::list_drivers);
    CLI::App *describe = command(*drivers, "describe", "What a driver is and which settings it takes", Command::describe_driver);
    describe->add_option("driver", line.driver, "Its name, or the absolute path of its file")->required();
    describe->add_flag("--json", line.as_json, "As JSON, with the whole settings schema");
    CLI::App *store = app.add_subcommand("store", "The store of operations, where it is a file")->require_subcommand(1);
    command(*store, "check", "Prove that all of it is as it was written; also while the daemon runs", Command::check_store);
    command(*store, "backup", "Write a copy of it as it is now; also while the daemon runs", Command::back_up_store)
        ->add_option("file", line.copy, "The copy, which must not exist yet")
        ->required();
    command(*store, "migrate", "Bring it to the version of this program, as the daemon does when it starts",
            Command::migrate_store);
    command(app, "reload", "Have the running daemon read its settings again; prints the result", Command::reload);
    command(app, "log-level", "Have the running daemon log more or less, until its next reload or end", Command::log_level)
        ->add_option("level", line.log_level, "trace, debug, info, warning, error or off")
        ->required()
        ->check(CLI::IsMember(service::log_levels));
    command(app, "drain", "Have the running daemon take no new writes, of a target or at all", Command::drain)
        ->add_option("target", line.target, "Its name; without it, every target");
    command(app, "resume", "Have the running daemon take writes again, of a target or at all", Command::resume)
        ->add_option("target", line.target, "Its name; without it, every target");
    command(app, "status", "What the running daemon does, and how its targets are", Command::status)
        ->add_flag("--json", line.as_json, "As JSON, for programs");
    CLI::App *settings = app.add_subcommand("settings", "The settings of the running daemon")->require_subcommand(1);
    command(*settings, "show", "Those in force, with every default and without secrets", Command::show_settings)
        ->add_flag("--json", line.as_json, "As JSON, for programs");
    CLI::App *host = command(app, "driver-host", "What the daemon runs a driver in", Command::driver_host)->group("");
    host->add_option("--target", line.target)->required();
    host->add_option("--driver", line.driver)->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &end) {
        return app.exit(end);
    }
    return line;
}

} // namespace rsf::daemon
