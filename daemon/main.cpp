// SPDX-License-Identifier: Apache-2.0
//
// resourcifierd: the command line, and the daemon put together out of its parts.
#include "commands.hpp"
#include "http/server.hpp"
#include "isolation/guest.hpp"
#include "isolation/isolation.hpp"
#include "live_targets.hpp"
#include "settings.hpp"

#include <CLI/CLI.hpp>

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>

namespace rsf::daemon {

namespace {

// For calls to heed the cancellation or be given up, and their clients to be answered.
constexpr std::chrono::seconds time_to_cancel{12};

// Blocks the signals that the daemon heeds, for this thread and all that it starts, so that wait() alone receives them.
class Signals {
  public:
    Signals() {
        sigemptyset(&set_);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
    }

    int wait() const {
        int received = 0;
        sigwait(&set_, &received);
        return received;
    }

  private:
    sigset_t set_{};
};

// Every target that may have work: those that plan, which ask others, and those others.
struct Everybody {
    std::vector<std::shared_ptr<Target>> planners, others;
};

Everybody everybody(const LiveTargets &live) {
    Everybody all;
    for (const auto &[name, planner] : live.targets().planners) all.planners.push_back(planner);
    for (const auto &[name, target] : live.targets().by_name) all.others.push_back(target);
    for (const std::shared_ptr<Target> &retired : live.retired())
        (retired->over() ? all.planners : all.others).push_back(retired);
    return all;
}

bool wait_idle(Server &server, const Everybody &all, std::chrono::steady_clock::time_point until) {
    bool idle = true;
    for (const auto *some : {&all.planners, &all.others})
        for (const auto &target : *some) idle = target->wait_idle(until) && idle;
    return server.wait_idle(until) && idle;
}

void shut_down(Server &server, const Everybody &all, std::chrono::milliseconds grace, const Log &log) {
    server.stop_accepting();
    // Plans first: they ask targets.
    const auto end_of_grace = std::chrono::steady_clock::now() + grace;
    for (const auto &planner : all.planners) planner->close();
    for (const auto &planner : all.planners) planner->wait_idle(end_of_grace);
    for (const auto &target : all.others) target->close();
    if (wait_idle(server, all, end_of_grace)) return;
    log->warn("operations still run after {} ms of grace: cancelling them", grace.count());
    for (const auto *some : {&all.planners, &all.others})
        for (const auto &target : *some) target->cancel();
    if (!wait_idle(server, all, std::chrono::steady_clock::now() + time_to_cancel))
        log->error("some calls to drivers never ended");
}

void reload(LiveTargets &live, Server &server, const Log &log) {
    Result<Settings> next = read_settings(live.settings().file);
    const Result<std::string> done = next ? live.reload(std::move(*next), server) : Result<std::string>(next.error());
    if (done)
        log->info("reloaded: {}", *done);
    else
        log->error("the settings are not reloaded, and nothing is changed: {}", to_string(done.error()));
}

int serve(const Settings &settings) {
    const Signals signals;
    // No driver's process, which may run as the same user, looks into this one's memory or environment.
    ::prctl(PR_SET_DUMPABLE, 0);
    const Log log = make_log(settings.log_level);

    Result<LiveTargets> live = LiveTargets::make(settings, log);
    if (!live) {
        log->critical("{}", to_string(live.error()));
        return 1;
    }
    const Result<std::unique_ptr<Server>> server = Server::bind({.listen = settings.listen,
                                                                 .limits = settings.limits,
                                                                 .threads = settings.threads,
                                                                 .insecure_listen = settings.insecure_listen},
                                                                live->targets(), log);
    if (!server) {
        log->critical("{}", to_string(server.error()));
        return 1;
    }
    (*server)->start();

    int received = signals.wait();
    for (; received == SIGHUP; received = signals.wait()) reload(*live, **server, log);
    log->info("SIG{} received: shutting down", sigabbrev_np(received));
    const Everybody all = everybody(*live);
    shut_down(**server, all, live->settings().shutdown_grace, log);
    log->info("ended");
    // A thread that is still inside a driver would meet its libraries half taken down.
    const auto is_left_behind = [](const auto &target) { return target->lost() != 0; };
    if (std::ranges::any_of(all.others, is_left_behind) || std::ranges::any_of(all.planners, is_left_behind)) std::_Exit(0);
    return 0;
}

template <class Command> int with_settings(const std::string &file, Command command) {
    const Result<Settings> settings = read_settings(file);
    if (settings) return command(*settings);
    std::cerr << to_string(settings.error()) << "\n";
    return 1;
}

int run(int argc, char **argv) {
    CLI::App app{"Turns configurations into objects of a cluster.", "resourcifierd"};
    app.set_version_flag("--version", "resourcifierd " RESOURCIFIER_VERSION);
    app.fallthrough();
    app.require_subcommand(0, 1);
    std::string file = "/etc/resourcifier/resourcifierd.yaml";
    app.add_option("--settings", file, "The settings file")->capture_default_str();

    app.add_subcommand("serve", "Serve until SIGTERM or SIGINT (what happens without a command)");
    const CLI::App *check_command =
        app.add_subcommand("check", "Check the settings, the drivers and each target without serving");
    CLI::App *drivers = app.add_subcommand("drivers", "The drivers that can be had")->require_subcommand(1);
    const CLI::App *list_command = drivers->add_subcommand("list", "A line for each driver");
    CLI::App *describe_command = drivers->add_subcommand("describe", "What a driver is and which settings it takes");
    std::string driver;
    bool as_json = false;
    std::string target;
    describe_command->add_option("driver", driver, "Its name, or the absolute path of its file")->required();
    describe_command->add_flag("--json", as_json, "As JSON, with the whole settings schema");
    CLI::App *host_command = app.add_subcommand("driver-host", "What the daemon runs a driver in")->group("");
    host_command->add_option("--target", target)->required();
    host_command->add_option("--driver", driver)->required();
    CLI11_PARSE(app, argc, argv);

    if (host_command->parsed()) return run_driver_host(target, driver);

    return with_settings(file, [&](const Settings &settings) {
        if (check_command->parsed()) return check(settings, std::cout, std::cerr);
        if (list_command->parsed())
            return list_drivers(Registry::scan(settings.driver_path, describe_apart()), std::cout, std::cerr);
        if (describe_command->parsed())
            return describe_driver(Registry::scan(settings.driver_path, describe_apart()), driver, as_json, std::cout, std::cerr);
        return serve(settings);
    });
}

} // namespace

} // namespace rsf::daemon

int main(int argc, char **argv) { return rsf::daemon::run(argc, argv); }
