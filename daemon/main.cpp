// SPDX-License-Identifier: Apache-2.0
//
// resourcifierd: its commands, and the daemon put together out of its parts.
#include "base/text.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "config/settings.hpp"
#include "http/server.hpp"
#include "process/guest.hpp"
#include "process/isolation.hpp"
#include "service/control.hpp"
#include "service/events.hpp"
#include "service/log_output.hpp"
#include "service/service_manager.hpp"
#include "service/watchdog.hpp"
#include "targets/descriptors.hpp"
#include "targets/live_targets.hpp"

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

// Every target that may have work: those that plan, which ask others, and those others.
struct Everybody {
    std::vector<std::shared_ptr<run::Target>> planners, others;
};

Everybody everybody(const targets::LiveTargets &live) {
    Everybody all;
    for (const auto &[name, planner] : live.targets().planners) all.planners.push_back(planner);
    for (const auto &[name, target] : live.targets().by_name) all.others.push_back(target);
    for (const std::shared_ptr<run::Target> &retired : live.retired())
        (retired->over() ? all.planners : all.others).push_back(retired);
    return all;
}

bool wait_idle(const Everybody &all, std::chrono::steady_clock::time_point until) {
    bool idle = true;
    for (const auto *some : {&all.planners, &all.others})
        for (const auto &target : *some) idle = target->wait_idle(until) && idle;
    return idle;
}

void shut_down(http::Server &server, const Everybody &all, std::chrono::milliseconds grace, const Log &log) {
    server.stop_accepting();
    const auto end_of_grace = std::chrono::steady_clock::now() + grace;
    // Clients first: their requests are carried out for as long as they are let in.
    const bool answered = server.wait_idle(end_of_grace);
    // Then plans: they ask targets.
    for (const auto &planner : all.planners) planner->close();
    for (const auto &planner : all.planners) planner->wait_idle(end_of_grace);
    for (const auto &target : all.others) target->close();
    const bool finished = wait_idle(all, end_of_grace);
    if (finished && answered) return;
    const auto end = std::chrono::steady_clock::now() + time_to_cancel;
    if (finished) {
        log->warn("connections are still open after {} ms of grace", grace.count());
    } else {
        log->warn("operations still run after {} ms of grace: cancelling them", grace.count());
        for (const auto *some : {&all.planners, &all.others})
            for (const auto &target : *some) target->cancel();
        if (!wait_idle(all, end)) log->error("some calls to drivers never ended");
    }
    server.wait_idle(end); // the clients are told how it ended
}

// "serving 2 targets on 127.0.0.1:8080"
std::string status(const targets::LiveTargets &live, const http::Server &server) {
    const std::size_t count = live.targets().by_name.size();
    std::string words =
        fmt::format("serving {} {} on {}", count, count == 1 ? "target" : "targets", fmt::join(server.addresses(), ", "));
    if (const auto &lost = live.targets().lost; !lost.empty())
        words += fmt::format("; gone until a reload makes them: {}", fmt::join(lost, ", "));
    return words;
}

Result<std::string> reload(targets::LiveTargets &live, http::Server &server, const Log &log) {
    service::tell_reloading();
    const std::vector<std::string> lost = live.targets().lost;
    Result<config::Settings> next = config::read_settings(live.settings().file);
    Result<std::string> done = next ? live.reload(std::move(*next), server) : Result<std::string>(next.error());
    live.metrics().reloaded(done.has_value());
    if (done)
        log->info("reloaded: {}", *done);
    else
        log->error("the settings are not reloaded{}: {}", live.targets().lost == lost ? ", and nothing is changed" : "",
                   to_string(done.error()));
    service::tell_ready(status(live, server));
    return done;
}

Result<std::string> obey(const std::string &request, targets::LiveTargets &live, http::Server &server, const Log &log) {
    if (request == "reload") return reload(live, server, log);
    constexpr std::string_view log_level = "log-level ";
    const std::string level = request.starts_with(log_level) ? request.substr(log_level.size()) : "";
    if (std::ranges::find(service::log_levels, level) == service::log_levels.end())
        return Error{Code::invalid, "this daemon knows no request " + in_quotes(request), {}, {}};
    service::change_level(log, level);
    return "the daemon logs " + level + ", until it reads its settings again";
}

// Until a signal says that it is enough; which one.
int attend(service::Events &events, targets::LiveTargets &live, http::Server &server, const Log &log) {
    for (;;) {
        const auto event = events.wait();
        if (const auto *request = std::get_if<service::ControlRequest>(&event)) {
            request->answer(obey(request->text(), live, server, log));
        } else {
            const int signal = std::get<service::Signal>(event).number;
            if (signal != SIGHUP) return signal;
            static_cast<void>(reload(live, server, log)); // the log says what became of it
        }
    }
}

// None: the daemon is not reached by commands.
Result<std::unique_ptr<service::ControlSocket>> open_control(const std::optional<std::filesystem::path> &path) {
    return path ? service::ControlSocket::open(*path) : Result<std::unique_ptr<service::ControlSocket>>(nullptr);
}

// A daemon that does not start says why, even where its log is off.
template <class T> int fail(const Result<T> &failed, const Log &log) {
    if (log->should_log(spdlog::level::critical))
        log->critical("{}", to_string(failed.error()));
    else
        std::cerr << to_string(failed.error()) << "\n";
    return 1;
}

int serve(const config::Settings &settings, const std::optional<std::filesystem::path> &control_path) {
    service::Events events;
    // No driver's process, which may run as the same user, looks into this one's memory or environment.
    ::prctl(PR_SET_DUMPABLE, 0);
    const Log log = service::make_log(settings.log_level, settings.log_format);
    targets::raise_descriptor_limit(log);
    service::tell_status("loading drivers");

    const auto metrics = std::make_shared<metrics::Metrics>();
    Result<targets::LiveTargets> live = targets::LiveTargets::make(settings, log, metrics);
    if (!live) return fail(live, log);
    const Result<std::unique_ptr<http::Server>> bound = http::Server::bind({.listen = settings.listen,
                                                                            .limits = targets::fitted_limits(settings, log),
                                                                            .threads = settings.threads,
                                                                            .insecure_listen = settings.insecure_listen,
                                                                            .hosts = settings.hosts,
                                                                            .metrics = metrics},
                                                                           live->targets(), log);
    if (!bound) return fail(bound, log);
    http::Server &server = **bound;
    Result<std::unique_ptr<service::ControlSocket>> control =
        open_control(control_path ? control_path : service::own_control_path());
    if (!control) return fail(control, log);
    events.attend(std::move(*control));
    server.start();
    const service::Watchdog watchdog(
        service::watchdog_time(), [&server](auto longer_than) { return server.stuck(longer_than); }, log);
    service::tell_ready(status(*live, server));

    const int received = attend(events, *live, server, log);
    const std::chrono::milliseconds grace = live->settings().shutdown_grace;
    log->info("SIG{} received: shutting down", sigabbrev_np(received));
    service::tell_stopping("finishing what is under way, for " + std::to_string(grace.count() / 1000) + " s at most");
    const Everybody all = everybody(*live);
    events.attend(nullptr); // nobody is to wait for an answer that will not come
    shut_down(server, all, grace, log);
    log->info("ended");
    // A thread that is still inside a driver would meet its libraries half taken down.
    const auto is_left_behind = [](const auto &target) { return target->lost() != 0; };
    if (std::ranges::any_of(all.others, is_left_behind) || std::ranges::any_of(all.planners, is_left_behind)) std::_Exit(0);
    return 0;
}

// Has the running daemon do something, and tells what became of it.
int command(const CommandLine &line, const std::string &request) {
    const Result<std::string> done = service::ask_daemon(line.control.value_or(service::usual_control_path()), request);
    (done ? std::cout : std::cerr) << (done ? *done : to_string(done.error())) << "\n";
    return done ? 0 : 1;
}

template <class Command> int with_settings(const std::string &file, Command command) {
    const Result<config::Settings> settings = config::read_settings(file);
    if (settings) return command(*settings);
    std::cerr << to_string(settings.error()) << "\n";
    return 1;
}

int with_drivers(const CommandLine &line, const config::Settings &settings) {
    const drivers::Registry registry = drivers::Registry::scan(settings.driver_path, process::describe_apart());
    return line.command == CommandLine::Command::list_drivers
               ? list_drivers(registry, std::cout, std::cerr)
               : describe_driver(registry, line.driver, line.as_json, std::cout, std::cerr);
}

int run(const CommandLine &line) {
    using Command = CommandLine::Command;
    switch (line.command) {
    case Command::driver_host: return process::run_driver_host(line.target, line.driver);
    case Command::reload: return command(line, "reload");
    case Command::log_level: return command(line, "log-level " + line.log_level);
    case Command::check:
        if (!become_checker(line.user, std::cout, std::cerr)) return 1;
        break;
    default: break;
    }
    return with_settings(line.settings, [&](const config::Settings &settings) {
        switch (line.command) {
        case Command::check: return check(settings, std::cout, std::cerr);
        case Command::list_drivers:
        case Command::describe_driver: return with_drivers(line, settings);
        default: return serve(settings, line.control);
        }
    });
}

} // namespace

} // namespace rsf::daemon

int main(int argc, char **argv) {
    const auto line = rsf::daemon::read_command_line(argc, argv);
    const auto *wanted = std::get_if<rsf::daemon::CommandLine>(&line);
    return wanted ? rsf::daemon::run(*wanted) : std::get<int>(line);
}
