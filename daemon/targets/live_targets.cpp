// SPDX-License-Identifier: Apache-2.0
#include "targets/live_targets.hpp"

#include "process/isolation.hpp"
#include "service/events.hpp"
#include "service/log_output.hpp"
#include "targets/descriptors.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace rsf::targets {

namespace {

constexpr std::chrono::seconds time_to_end{60}; // for drivers that nobody calls any more

drivers::Registry look_around(const config::Settings &settings, const Log &log) {
    drivers::Registry registry = drivers::Registry::scan(settings.driver_path, process::describe_apart());
    for (const Error &refused : registry.refused()) log->warn("a driver is refused: {}", to_string(refused));
    return registry;
}

// "2 changed (a, b)", if there are any.
void count(std::string &words, const std::vector<std::string> &names, const char *what) {
    if (names.empty()) return;
    words += (words.empty() ? "" : ", ") + std::to_string(names.size()) + " " + what + " (";
    for (const std::string &name : names) words += (&name == &names.front() ? "" : ", ") + name;
    words += ")";
}

using Watched = std::map<std::string, std::weak_ptr<run::Target>>; // does not keep them

// What became of each target.
std::string compare(const Watched &before, const http::Targets &after) {
    std::vector<std::string> changed, added, removed;
    for (const auto &[name, target] : after.by_name) {
        const auto was = before.find(name);
        if (was == before.end())
            added.push_back(name);
        else if (was->second.lock() != target)
            changed.push_back(name);
    }
    for (const auto &[name, target] : before)
        if (!after.by_name.contains(name)) removed.push_back(name);
    std::string words;
    count(words, added, "added");
    count(words, changed, "changed");
    count(words, removed, "removed");
    return words.empty() ? "every target is as it was" : "targets: " + words;
}

// The settings that differ and can't change while the daemon runs.
std::string kept(const config::Settings &before, const config::Settings &after) {
    std::string names;
    const auto note = [&](bool differs, const char *name) {
        if (differs) names += (names.empty() ? "" : ", ") + std::string(name);
    };
    note(before.listen != after.listen, "listen");
    note(before.insecure_listen != after.insecure_listen, "insecure_listen");
    note(before.threads != after.threads, "threads");
    note(before.log_format != after.log_format, "log_format");
    return names.empty() ? "" : "; restart the daemon for what can't change while it runs: " + names;
}

// Whether is_done(turn), which waits until turn at most, before until and before the daemon is to end.
template <class IsDone> bool wait_in_turns(std::chrono::steady_clock::time_point until, IsDone is_done) {
    constexpr std::chrono::milliseconds turn{200};
    for (;;) {
        const auto now = std::chrono::steady_clock::now();
        if (is_done(std::min(until, now + turn))) return true;
        if (now >= until || service::end_is_asked()) return false;
    }
}

std::set<std::shared_ptr<run::Target>> all_of(const http::Targets &targets) {
    std::set<std::shared_ptr<run::Target>> all;
    for (const auto *some : {&targets.by_name, &targets.planners})
        for (const auto &[name, target] : *some) all.insert(target);
    return all;
}

// The names of those that stand on one of names, and of these.
std::set<std::string> with_those_above(const MadeTargets &made, const std::vector<std::string> &names) {
    std::set<std::string> all(names.begin(), names.end());
    for (const auto &[name, origin] : made.origins) // none stands over one that stands over another
        if (std::ranges::any_of(origin.reached, [&](const std::string &reached) { return all.contains(reached); }))
            all.insert(name);
    return all;
}

// The targets of the settings that are not there.
std::vector<std::string> missing(const config::Settings &settings, const http::Targets &targets) {
    std::vector<std::string> names;
    for (const config::TargetSettings &target : settings.targets)
        if (!targets.by_name.contains(target.name)) names.push_back(target.name);
    return names;
}

// made without those names.
MadeTargets without(MadeTargets made, const std::set<std::string> &names) {
    for (const std::string &name : names) {
        made.targets.by_name.erase(name);
        made.targets.planners.erase(name);
        made.origins.erase(name);
    }
    return made;
}

} // namespace

LiveTargets::LiveTargets(config::Settings settings, drivers::Registry registry, MadeTargets made, Log log,
                         std::shared_ptr<metrics::Metrics> metrics)
    : settings_(std::move(settings)), connections_(fitting_connections(settings_)), registry_(std::move(registry)),
      made_(std::move(made)), log_(std::move(log)), metrics_(std::move(metrics)) {}

Result<LiveTargets> LiveTargets::make(config::Settings settings, const Log &log, std::shared_ptr<metrics::Metrics> metrics) {
    drivers::Registry registry = look_around(settings, log);
    Result<MadeTargets> made = make_targets(settings, registry, log, metrics.get());
    if (!made) return made.error();
    return LiveTargets(std::move(settings), std::move(registry), std::move(*made), log, std::move(metrics));
}

Result<std::string> LiveTargets::reload(config::Settings next, http::Server &server) {
    drivers::Registry registry = look_around(next, log_);
    const Watched before(made_.targets.by_name.begin(), made_.targets.by_name.end());
    std::vector<std::string> in_use;
    Result<MadeTargets> made = try_to_make(next, registry, &in_use);
    if (!made && !in_use.empty()) made = hand_over(next, registry, in_use, server);
    if (!made) return made.error();
    server.replace(made->targets);
    // Targets take descriptors, which connections then lack.
    const std::size_t connections = fitting_connections(next);
    const bool limits_change = next.limits != settings_.limits || connections != connections_;
    if (limits_change) server.replace(fitted_limits(next, log_));
    connections_ = connections;
    const bool hosts_change = next.hosts != settings_.hosts;
    if (hosts_change) server.replace_hosts(next.hosts);
    std::string words = compare(before, made->targets) + (limits_change ? "; the limits changed" : "") +
                        (hosts_change ? "; the hosts changed" : "") + kept(settings_, next);
    let_go(std::exchange(made_, std::move(*made)));
    registry_ = std::move(registry);
    // As they were: what did not change must not look as if it had, next time.
    next.listen = settings_.listen;
    next.insecure_listen = settings_.insecure_listen;
    next.threads = settings_.threads;
    next.log_format = settings_.log_format;
    settings_ = std::move(next);
    service::change_level(log_, settings_.log_level);
    return words;
}

// For instances that bear no second one beside them, as on a folder that only one may use: the old one is ended before the new
// one is made, and requests wait meanwhile. When that can't be done, everything is as it was.
Result<MadeTargets> LiveTargets::hand_over(const config::Settings &next, const drivers::Registry &registry,
                                           const std::vector<std::string> &in_use, http::Server &server) {
    const std::set<std::string> names = with_those_above(made_, in_use);
    std::vector<std::shared_ptr<metrics::TargetMetrics>> counted; // goes on, though nobody is there for a while who counts
    for (const std::string &name : names) counted.push_back(metrics_->target(name));
    MadeTargets rest = without(made_, names);
    http::Targets waiting = rest.targets;
    for (const std::string &name : names) waiting.by_name.emplace(name, nullptr);
    server.replace(std::move(waiting));

    const auto until = std::chrono::steady_clock::now() + settings_.shutdown_grace;
    const std::set<std::shared_ptr<run::Target>> staying = all_of(rest.targets); // none of the old ones
    std::vector<const run::Target *> old;
    for (const std::shared_ptr<run::Target> &target : all_of(made_.targets)) {
        if (staying.contains(target)) continue;
        if (!wait_in_turns(until, [&](auto turn) { return target->wait_idle(turn); })) {
            server.replace(made_.targets);
            return Error{Code::unavailable,
                         "target '" + target->name() +
                             "' has to end before it is made anew, and is still at work; try again later",
                         {},
                         {}};
        }
        old.push_back(target.get());
    }
    let_go(std::exchange(made_, std::move(rest)));
    wait_in_turns(std::chrono::steady_clock::now() + time_to_end, [&](auto turn) { return retirement_->wait_for(old, turn); });

    Result<MadeTargets> made = try_to_make(next, registry, nullptr);
    if (made) return made;
    Result<MadeTargets> restored = try_to_make(settings_, registry_, nullptr);
    if (restored)
        made_ = std::move(*restored);
    else
        log_->critical("targets that were ended for a reload can't be made again: {}", to_string(restored.error()));
    made_.targets.lost = missing(settings_, made_.targets);
    server.replace(made_.targets);
    if (restored) return made;
    Error why = made.error();
    why.message += ". For this, targets were ended that can't be made again now; they are gone until a reload makes them: " +
                   fmt::format("{}", fmt::join(made_.targets.lost, ", "));
    return why;
}

// What is thrown for lack of threads or memory is an error like any other here: the daemon goes on with what it has.
Result<MadeTargets> LiveTargets::try_to_make(const config::Settings &settings, const drivers::Registry &registry,
                                             std::vector<std::string> *in_use) {
    try {
        return make_targets(settings, registry, log_, metrics_.get(), made_, in_use);
    } catch (const std::exception &error) {
        return Error{Code::unavailable, std::string("the targets can't be made: ") + error.what(), {}, {}};
    }
}

// Those that are in made_ no longer finish what they have.
void LiveTargets::let_go(const MadeTargets &before) {
    std::set<std::shared_ptr<run::Target>> gone = all_of(before.targets);
    for (const std::shared_ptr<run::Target> &target : all_of(made_.targets)) gone.erase(target);
    for (const std::shared_ptr<run::Target> &target : gone) retirement_->add(target);
}

} // namespace rsf::targets
