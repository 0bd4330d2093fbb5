// SPDX-License-Identifier: Apache-2.0
#include "targets/live_targets.hpp"

#include "base/text.hpp"
#include "config/table.hpp"
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

constexpr std::chrono::seconds time_to_end{60}; // for drivers that are not called any more

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

using Watched = std::map<std::string, std::weak_ptr<Target>>; // does not keep them

// What happened to each target.
std::string compare(const Watched &before, const TargetSet &after) {
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

// keys: of settings that differ and can't change while the daemon runs.
std::string kept(const std::vector<std::string> &keys) {
    if (keys.empty()) return {};
    return fmt::format("; restart the daemon for what can't change while it runs: {}", fmt::join(keys, ", "));
}

// Whether is_done(turn), which waits until turn at most, becomes true before until and before the daemon is asked to end.
template <class IsDone> bool wait_in_turns(std::chrono::steady_clock::time_point until, IsDone is_done) {
    constexpr std::chrono::milliseconds turn{200};
    for (;;) {
        const auto now = std::chrono::steady_clock::now();
        if (is_done(std::min(until, now + turn))) return true;
        if (now >= until || service::end_is_asked()) return false;
    }
}

std::set<std::shared_ptr<Target>> all_of(const TargetSet &targets) {
    std::set<std::shared_ptr<Target>> all;
    for (const auto *some : {&targets.by_name, &targets.planners})
        for (const auto &[name, target] : *some) all.insert(target);
    return all;
}

// names, and the names of targets that are made over one of them.
std::set<std::string> with_those_above(const MadeTargets &made, const std::vector<std::string> &names) {
    std::set<std::string> all(names.begin(), names.end());
    for (const auto &[name, origin] : made.origins) // no target is over one that is over another
        if (std::ranges::any_of(origin.reached, [&](const std::string &reached) { return all.contains(reached); }))
            all.insert(name);
    return all;
}

// The targets of the settings that are not there.
std::vector<std::string> missing(const config::Settings &settings, const TargetSet &targets) {
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
                         std::shared_ptr<metrics::Metrics> metrics, std::unique_ptr<Reaper> reaper)
    : settings_(std::move(settings)), connections_(fitting_connections(settings_)), registry_(std::move(registry)),
      made_(std::move(made)), log_(std::move(log)), metrics_(std::move(metrics)), reaper_(std::move(reaper)) {}

Result<LiveTargets> LiveTargets::make(config::Settings settings, const Log &log, std::shared_ptr<metrics::Metrics> metrics) {
    drivers::Registry registry = look_around(settings, log);
    auto reaper = std::make_unique<Reaper>();
    Result<MadeTargets> made = make_targets(settings, registry, log, metrics.get(), reaper.get());
    if (!made) return made.error();
    return LiveTargets(std::move(settings), std::move(registry), std::move(*made), log, std::move(metrics), std::move(reaper));
}

Result<std::string> LiveTargets::reload(config::Settings next, const Receivers &receivers) {
    drivers::Registry registry = look_around(next, log_);
    const Watched before(made_.targets.by_name.begin(), made_.targets.by_name.end());
    std::vector<std::string> in_use;
    Result<MadeTargets> made = try_to_make(next, registry, &in_use);
    if (!made && !in_use.empty()) made = hand_over(next, registry, in_use, receivers);
    if (!made) return made.error();
    publish(receivers, made->targets);
    // Targets take descriptors, which connections then lack.
    const std::size_t connections = fitting_connections(next);
    const bool limits_change = next.limits != settings_.limits || connections != connections_;
    if (limits_change) receivers.limits(fitted_limits(next, log_));
    connections_ = connections;
    const bool hosts_change = next.hosts != settings_.hosts;
    if (hosts_change) receivers.hosts(next.hosts);
    const std::vector<std::string_view> keys = config::waiting_for_restart(settings_, next);
    waiting_for_restart_.assign(keys.begin(), keys.end());
    std::string words = compare(before, made->targets) + (limits_change ? "; the limits changed" : "") +
                        (hosts_change ? "; the hosts changed" : "") + kept(waiting_for_restart_);
    let_go(std::exchange(made_, std::move(*made)));
    registry_ = std::move(registry);
    // Kept as they were, so that the next reload compares with what is in force.
    config::keep_until_restart(settings_, next);
    settings_ = std::move(next);
    std::erase_if(drained_, [&](const std::string &name) { return !check_name(name); });
    service::change_level(log_, settings_.log_level);
    return words;
}

// For instances that allow no second one, such as those on a folder with a lock: the old one is ended before the new one is made,
// and requests wait meanwhile. If that fails, the old ones are made again.
Result<MadeTargets> LiveTargets::hand_over(const config::Settings &next, const drivers::Registry &registry,
                                           const std::vector<std::string> &in_use, const Receivers &receivers) {
    const std::set<std::string> names = with_those_above(made_, in_use);
    std::vector<std::shared_ptr<metrics::TargetMetrics>> counted; // kept, so that counting goes on after the gap
    for (const std::string &name : names) counted.push_back(metrics_->target(name));
    MadeTargets rest = without(made_, names);
    TargetSet waiting = rest.targets;
    for (const std::string &name : names) waiting.by_name.emplace(name, nullptr);
    for (const config::TargetSettings &target : settings_.targets)
        if (names.contains(target.name)) waiting.queues.emplace(target.name, target.limits.queue);
    publish(receivers, std::move(waiting));

    const auto until = std::chrono::steady_clock::now() + settings_.shutdown_grace;
    const std::set<std::shared_ptr<Target>> staying = all_of(rest.targets); // none of the old ones
    std::vector<const Target *> old;
    for (const std::shared_ptr<Target> &target : all_of(made_.targets)) {
        if (staying.contains(target)) continue;
        if (!wait_in_turns(until, [&](auto turn) { return target->wait_idle(turn); })) {
            publish(receivers, made_.targets);
            return unavailable("target '" + target->name() +
                               "' has to end before it is made anew, and is still at work; try again later");
        }
        old.push_back(target.get());
    }
    let_go(std::exchange(made_, std::move(rest)));
    wait_in_turns(std::chrono::steady_clock::now() + time_to_end, [&](auto turn) { return reaper_->wait_for(old, turn); });

    Result<MadeTargets> made = try_to_make(next, registry, nullptr);
    if (made) return made;
    Result<MadeTargets> restored = try_to_make(settings_, registry_, nullptr);
    if (restored)
        made_ = std::move(*restored);
    else
        log_->critical("targets that were ended for a reload can't be made again: {}", to_string(restored.error()));
    made_.targets.lost = missing(settings_, made_.targets);
    publish(receivers, made_.targets);
    if (restored) return made;
    Error why = made.error();
    why.message += std::string(why.message.ends_with('.') ? "" : ".") +
                   " For this, targets were ended that can't be made again now; they are gone until a reload makes them: " +
                   fmt::format("{}", fmt::join(made_.targets.lost, ", "));
    return why;
}

// Exceptions for lack of threads or memory are errors like any other here: the daemon goes on with what it has.
Result<MadeTargets> LiveTargets::try_to_make(const config::Settings &settings, const drivers::Registry &registry,
                                             std::vector<std::string> *in_use) {
    try {
        return make_targets(settings, registry, log_, metrics_.get(), reaper_.get(), made_, in_use);
    } catch (const std::exception &error) {
        return unavailable(std::string("the targets can't be made: ") + error.what());
    }
}

void LiveTargets::publish(const Receivers &receivers, TargetSet targets) {
    apply_drains(targets);
    receivers.targets(std::move(targets));
}

void LiveTargets::apply_drains(const TargetSet &targets) const {
    constexpr std::string_view what = " is drained: an operator had it take no new writes, until 'resourcifierd resume";
    for (const auto &[name, target] : targets.by_name) {
        if (!target) continue; // it is being replaced
        std::optional<std::string> why;
        if (all_drained_)
            why = "the daemon" + std::string(what) + "'";
        else if (drained_.contains(name))
            why = "the target" + std::string(what) + " " + name + "'";
        target->drain(std::move(why));
    }
}

Result<void> LiveTargets::check_name(std::string_view name) const {
    std::vector<std::string_view> names;
    for (const config::TargetSettings &target : settings_.targets) names.push_back(target.name);
    if (name.empty() || std::ranges::find(names, name) != names.end()) return {};
    return not_found("there is no target " + in_quotes(name) + did_you_mean(name, names) +
                     "; the targets are: " + fmt::format("{}", fmt::join(names, ", ")));
}

Result<std::string> LiveTargets::drain(std::string_view name) {
    if (const Result<void> known = check_name(name); !known) return known.error();
    const bool is_news = name.empty() ? !std::exchange(all_drained_, true) : drained_.emplace(name).second;
    apply_drains(made_.targets);
    const std::string who = name.empty() ? "the daemon" : "the target " + std::string(name);
    if (!is_news) return who + " is drained already";
    return who + " takes no new writes; reads, plans and what is under way go on";
}

Result<std::string> LiveTargets::resume(std::string_view name) {
    if (const Result<void> known = check_name(name); !known) return known.error();
    if (!name.empty() && all_drained_) return conflict("the daemon as a whole is drained: 'resourcifierd resume' ends that");
    const bool was_drained = name.empty() ? all_drained_ || !drained_.empty() : drained_.contains(name);
    if (name.empty()) {
        all_drained_ = false;
        drained_.clear();
    } else {
        drained_.erase(std::string(name));
    }
    apply_drains(made_.targets);
    const std::string who = name.empty() ? "every target" : "the target " + std::string(name);
    return who + (was_drained ? " takes writes again" : " takes writes: nothing was drained");
}

const boost::json::object *LiveTargets::schema_of(std::string_view name) const {
    const auto found = made_.origins.find(name);
    return found == made_.origins.end() ? nullptr : &found->second.kind->descriptor.settings_schema;
}

// Targets that are no longer in made_ finish the work that they have.
void LiveTargets::let_go(const MadeTargets &before) {
    std::set<std::shared_ptr<Target>> gone = all_of(before.targets);
    for (const std::shared_ptr<Target> &target : all_of(made_.targets)) gone.erase(target);
    std::erase_if(retired_, [](const std::weak_ptr<Target> &target) { return target.expired(); });
    retired_.insert(retired_.end(), gone.begin(), gone.end());
}

std::vector<std::shared_ptr<Target>> LiveTargets::retired() const {
    std::vector<std::shared_ptr<Target>> alive;
    for (const std::weak_ptr<Target> &weak : retired_)
        if (std::shared_ptr<Target> target = weak.lock()) alive.push_back(std::move(target));
    return alive;
}

} // namespace rsf::targets
