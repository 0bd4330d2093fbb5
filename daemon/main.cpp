// SPDX-License-Identifier: Apache-2.0
//
// resourcifierd: its commands, and the daemon put together out of its parts.
#include "api/api.hpp"
#include "base/text.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "config/settings.hpp"
#include "http/server.hpp"
#include "http/workers.hpp"
#include "metrics/metrics.hpp"
#include "open_store.hpp"
#include "operations/operations.hpp"
#include "parse/document.hpp"
#include "process/driver_main.hpp"
#include "process/isolation.hpp"
#include "run/observers/log_observer.hpp"
#include "run/observers/metrics_observer.hpp"
#include "run/runner.hpp"
#include "service/control.hpp"
#include "service/events.hpp"
#include "service/log_output.hpp"
#include "service/service_manager.hpp"
#include "service/watchdog.hpp"
#include "status.hpp"
#include "targets/checked_settings.hpp"
#include "targets/descriptors.hpp"
#include "targets/health_rounds.hpp"
#include "targets/live_targets.hpp"
#include "targets/target_set.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>

namespace rsf::daemon {

namespace {

// For calls to obey the cancellation or be given up, and for their clients to get an answer.
constexpr std::chrono::seconds time_to_cancel{12};

// Every target that may have work: planners, and the targets that they ask.
struct Everybody {
    std::vector<std::shared_ptr<targets::Target>> planners, others;
};

Everybody everybody(const targets::LiveTargets &live) {
    Everybody all;
    for (const auto &[name, planner] : live.targets().planners) all.planners.push_back(planner);
    for (const auto &[name, target] : live.targets().by_name) all.others.push_back(target);
    for (const std::shared_ptr<targets::Target> &retired : live.retired())
        (retired->over() ? all.planners : all.others).push_back(retired);
    return all;
}

bool wait_idle(const Everybody &all, std::chrono::steady_clock::time_point until) {
    bool idle = true;
    for (const auto *some : {&all.planners, &all.others})
        for (const auto &target : *some) idle = target->wait_idle(until) && idle;
    return idle;
}

void shut_down(http::Server &server, operations::Operations &operations, const Everybody &all, std::chrono::milliseconds grace,
               const Log &log) {
    server.stop_accepting();
    const auto end_of_grace = std::chrono::steady_clock::now() + grace;
    // Clients first: their requests are carried out while the server takes them. Then operations whose clients did not wait.
    const bool answered = server.wait_idle(end_of_grace);
    const bool holds = !operations.wait_idle(end_of_grace) && operations.hold();
    // Then plans: they ask targets.
    for (const auto &planner : all.planners) planner->close();
    for (const auto &planner : all.planners) planner->wait_idle(end_of_grace);
    for (const auto &target : all.others) target->close();
    const bool finished = wait_idle(all, end_of_grace);
    const bool stored = operations.wait_idle(end_of_grace);
    if (finished && answered && stored) return;
    const auto end = std::chrono::steady_clock::now() + time_to_cancel;
    if (finished) {
        log->warn("{} after {} ms of grace", stored ? "connections are still open" : "operations have ended that the store lacks",
                  grace.count());
    } else {
        const auto each = [&](const auto &use) {
            for (const auto *some : {&all.planners, &all.others})
                for (const auto &target : *some) use(*target);
        };
        each([](const targets::Target &target) { target.driver().stop_restarting(); }); // one that does not heed it is ended
        log->warn("operations still run after {} ms of grace: {}", grace.count(),
                  holds ? "their calls are cancelled, and they go on when the daemon is started again" : "cancelling them");
        each([](targets::Target &target) { target.cancel(); });
        if (!wait_idle(all, end)) log->error("some calls to drivers never ended");
    }
    operations.wait_idle(end); // their ends are in the store
    server.wait_idle(end);     // the clients are told how it ended
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

// Each target has its samples, also while nothing is under way on it.
metrics::OperationsNow operations_now(const operations::Operations &operations, const targets::LiveTargets &live) {
    std::map<std::string, operations::Counts> counts = operations.counts();
    for (const auto &[name, target] : live.targets().by_name) counts[name];
    metrics::OperationsNow now{operations.health().ok, {}};
    for (const auto &[name, count] : counts) now.targets.push_back({name, count.running, count.queued});
    return now;
}

// The parts that exist while the daemon runs.
struct Running {
    targets::LiveTargets &live;
    const std::shared_ptr<api::Api> &api;
    http::Server &server;
    targets::HealthRounds &health;
    const Log &log;
    const std::chrono::system_clock::time_point since = std::chrono::system_clock::now();
};

Result<std::string> reload(const Running &running) {
    targets::LiveTargets &live = running.live;
    const Log &log = running.log;
    service::tell_reloading();
    const std::vector<std::string> lost = live.targets().lost;
    const targets::Receivers receivers{[&](targets::TargetSet next) {
                                           running.health.replace(next);
                                           running.api->replace(std::move(next));
                                       },
                                       [&](const http::HttpLimits &limits) { running.server.replace(limits); },
                                       [&](const std::vector<std::string> &hosts) { running.server.replace_hosts(hosts); }};
    Result<config::Settings> next = targets::read_settings(live.settings().file);
    Result<std::string> done = next ? live.reload(std::move(*next), receivers) : Result<std::string>(next.error());
    live.metrics().reloaded(done.has_value());
    if (done)
        log->info("reloaded: {}", *done);
    else
        log->error("the settings are not reloaded{}: {}", live.targets().lost == lost ? ", and nothing is changed" : "",
                   to_string(done.error()));
    service::tell_ready(status(live, running.server));
    return done;
}

// What follows the words of a command in a request; none: it is another command.
std::optional<std::string> after(std::string_view command, const std::string &request) {
    if (!request.starts_with(command)) return std::nullopt;
    if (request.size() == command.size()) return std::string();
    return request[command.size()] == ' ' ? std::optional(request.substr(command.size() + 1)) : std::nullopt;
}

Result<std::string> told(Result<std::string> done, const Log &log) {
    if (done) log->info("by an operator's command: {}", *done);
    return done;
}

std::string show_status(const Running &running, bool as_json) {
    const auto document = status_document({running.live, RESOURCIFIER_FULL_VERSION, running.server.addresses(), running.since});
    return as_json ? parse::write_json(document) : status_text(document, std::chrono::system_clock::now());
}

std::string show_settings(const Running &running, bool as_json) {
    const auto document = settings_document(running.live);
    return as_json ? parse::write_json(document) : parse::write_yaml(document);
}

Result<std::string> obey(const std::string &request, const Running &running) {
    if (request == "reload") return reload(running);
    if (const auto target = after("drain", request)) return told(running.live.drain(*target), running.log);
    if (const auto target = after("resume", request)) return told(running.live.resume(*target), running.log);
    if (const auto form = after("status", request)) return show_status(running, *form == "json");
    if (const auto form = after("settings", request)) return show_settings(running, *form == "json");
    constexpr std::string_view log_level = "log-level ";
    const std::string level = request.starts_with(log_level) ? request.substr(log_level.size()) : "";
    if (std::ranges::find(service::log_levels, level) == service::log_levels.end())
        return invalid("this daemon knows no request " + in_quotes(request));
    service::change_level(running.log, level);
    return "the daemon logs " + level + ", until it reads its settings again";
}

// Runs until a signal to end; returns which one.
int attend(service::Events &events, const Running &running) {
    for (;;) {
        const auto event = events.wait();
        if (const auto *request = std::get_if<service::ControlRequest>(&event)) {
            request->answer(obey(request->text(), running));
        } else {
            const int signal = std::get<service::Signal>(event).number;
            if (signal != SIGHUP) return signal;
            static_cast<void>(reload(running)); // the log has the result
        }
    }
}

// So that load balancers see /readyz fail and send their requests elsewhere before the listeners close. Another signal to end
// cuts it short.
void announce_end(service::Events &events, const Running &running, std::chrono::milliseconds delay) {
    running.api->go_down();
    const auto until = std::chrono::steady_clock::now() + delay;
    while (const std::optional<service::Events::Event> event = events.wait_until(until)) {
        if (const auto *request = std::get_if<service::ControlRequest>(&*event))
            request->answer(unavailable("the daemon is going down"));
        else if (std::get<service::Signal>(*event).number != SIGHUP)
            return;
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
    // A driver process, which may run as the same user, can't read this one's memory or environment.
    ::prctl(PR_SET_DUMPABLE, 0);
    const Log log = service::make_log(settings.log_level, settings.log_format);
    targets::raise_descriptor_limit(log);
    service::tell_status("loading drivers");

    const auto metrics = std::make_shared<metrics::Metrics>();
    Result<targets::LiveTargets> live = targets::LiveTargets::make(settings, log, metrics);
    if (!live) return fail(live, log);
    const auto after_commits = std::make_shared<http::Workers>(2, "goes on with operations that were recorded");
    const Result<std::shared_ptr<store::Store>> store = open_store(settings, http::offload_to(after_commits), log);
    if (!store) return fail(store, log);
    const std::shared_ptr<void> closing(store->get(), [kept = *store](void *) { kept->close(); });
    Result<store::Seal> seal = store::Seal::make(settings.store_keys.texts);
    if (!seal) return fail(seal, log);
    const auto operations =
        std::make_shared<operations::Operations>(*store, http::offload_to(after_commits), log, std::move(*seal));
    const auto runner = std::make_shared<const run::Runner>(std::vector<std::shared_ptr<run::Observer>>{
        std::make_shared<run::MetricsObserver>(), std::make_shared<run::LogObserver>(log), operations->observer()});
    operations->use(runner);
    const auto how = settings.after_restart == "stop" ? run::Resumption::How::stop : run::Resumption::How::resume;
    const http::HttpLimits limits = targets::fitted_limits(settings, log);
    const auto memory = std::make_shared<Budget>();
    operations->keep({settings.history_time, settings.history_count});
    const std::shared_ptr<void> watched = metrics->watch([&operations, &live] { return operations_now(*operations, *live); });
    const auto bodies = std::make_shared<http::Workers>(2, "reads bodies and writes answers");
    const auto questions = std::make_shared<http::Workers>(2, "answers probes and gives metrics");
    const auto api = std::make_shared<api::Api>(live->targets(), api::Tools{.later = {http::offload_to(bodies), log},
                                                                            .after_questions = {http::offload_to(questions), log},
                                                                            .runner = runner,
                                                                            .operations = operations,
                                                                            .metrics = metrics,
                                                                            .log = log});
    const Result<std::unique_ptr<http::Server>> bound = http::Server::bind({.listen = settings.listen,
                                                                            .limits = limits,
                                                                            .threads = settings.threads,
                                                                            .insecure_listen = settings.insecure_listen,
                                                                            .hosts = settings.hosts,
                                                                            .metrics = metrics,
                                                                            .workers = {bodies, questions, after_commits},
                                                                            .memory = memory},
                                                                           api, log);
    if (!bound) return fail(bound, log);
    http::Server &server = **bound;
    Result<std::unique_ptr<service::ControlSocket>> control =
        open_control(control_path ? control_path : service::own_control_path());
    if (!control) return fail(control, log);
    events.attend(std::move(*control));
    // Nothing can keep the daemon from serving any more: what it then could not end would be lost.
    if (const Result<void> resumed = operations->resume(live->targets(), how, memory, limits.bodies); !resumed)
        return fail(resumed, log);
    server.start();
    targets::HealthRounds health(log);
    health.replace(live->targets());
    const service::Watchdog watchdog(
        service::watchdog_time(), [&server](auto longer_than) { return server.stuck(longer_than); }, log);
    service::tell_ready(status(*live, server));

    const Running running{*live, api, server, health, log};
    const int received = attend(events, running);
    const std::chrono::milliseconds delay = live->settings().shutdown_delay, grace = live->settings().shutdown_grace;
    log->info("SIG{} received: shutting down", sigabbrev_np(received));
    if (delay.count() > 0) {
        service::tell_stopping("serving on for " + std::to_string(delay.count() / 1000) + " s, while /readyz says that it ends");
        announce_end(events, running, delay);
    }
    service::tell_stopping("finishing what is under way, for " + std::to_string(grace.count() / 1000) + " s at most");
    const Everybody all = everybody(*live);
    events.attend(nullptr); // a command from now on would get no answer
    health.replace({});
    shut_down(server, *operations, all, grace, log);
    log->info("ended");
    // A thread that is still inside a driver would run in half-destroyed libraries.
    const auto is_left_behind = [](const auto &target) { return target->lost() != 0; };
    (*store)->close();
    if (std::ranges::any_of(all.others, is_left_behind) || std::ranges::any_of(all.planners, is_left_behind)) std::_Exit(0);
    return 0;
}

// Sends a request to the running daemon and prints the result.
int command(const CommandLine &line, const std::string &request) {
    const Result<std::string> done = service::ask_daemon(line.control.value_or(service::usual_control_path()), request);
    const std::string words = done ? *done : to_string(done.error());
    (done ? std::cout : std::cerr) << words << (words.ends_with('\n') ? "" : "\n");
    return done ? 0 : 1;
}

Result<config::Settings> read_settings(const CommandLine &line) {
    using Command = CommandLine::Command;
    // The list of drivers helps with mistakes in the settings for them.
    const bool lists = line.command == Command::list_drivers || line.command == Command::describe_driver;
    return lists ? config::read_settings(line.settings) : targets::read_settings(line.settings);
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
    case Command::drain: return command(line, "drain " + line.target);
    case Command::resume: return command(line, "resume " + line.target);
    case Command::status: return command(line, line.as_json ? "status json" : "status");
    case Command::show_settings: return command(line, line.as_json ? "settings json" : "settings");
    case Command::check:
        if (!become_checker(line.user, std::cout, std::cerr)) return 1;
        break;
    default: break;
    }
    const Result<config::Settings> settings = read_settings(line);
    if (!settings) {
        std::cerr << to_string(settings.error()) << "\n";
        return 1;
    }
    switch (line.command) {
    case Command::check: return check(*settings, std::cout, std::cerr);
    case Command::check_store: return check_store(*settings, std::cout, std::cerr);
    case Command::back_up_store: return back_up_store(*settings, line.copy, std::cout, std::cerr);
    case Command::migrate_store: return migrate_store(*settings, std::cout, std::cerr);
    case Command::list_drivers:
    case Command::describe_driver: return with_drivers(line, *settings);
    default: return serve(*settings, line.control);
    }
}

} // namespace

} // namespace rsf::daemon

int main(int argc, char **argv) {
    const auto line = rsf::daemon::read_command_line(argc, argv);
    const auto *wanted = std::get_if<rsf::daemon::CommandLine>(&line);
    return wanted ? rsf::daemon::run(*wanted) : std::get<int>(line);
}
