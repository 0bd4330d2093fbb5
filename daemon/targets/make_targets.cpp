// SPDX-License-Identifier: Apache-2.0
#include "targets/make_targets.hpp"

#include "base/json_pointer.hpp"
#include "base/text.hpp"
#include "config/mistakes.hpp"
#include "drivers/other_targets.hpp"
#include "drivers/schema/settings_schema.hpp"
#include "process/isolation.hpp"
#include "targets/checked_settings.hpp"

#include <resourcifier/extensions.h>

#include <boost/json/value_from.hpp>

#include <algorithm>
#include <future>
#include <iterator>
#include <set>

namespace rsf::targets {

namespace {

namespace json = boost::json;

// The other targets that one driver reaches; it holds them for as long as it lives.
class Reach final : public drivers::OtherTargets {
  public:
    explicit Reach(TargetSet::ByName reached) : reached_(std::move(reached)) {}

    drivers::Answer ask(std::string_view name, drivers::Call call) override {
        const std::shared_ptr<Target> target = find(name);
        if (!target) return drivers::permanent(not_found(unknown(name)));
        const auto answered = std::make_shared<std::promise<drivers::Answer>>();
        const std::stop_token stop = call.stop;
        target->ask(std::move(call), stop, [answered](drivers::Answer answer) { answered->set_value(std::move(answer)); });
        return answered->get_future().get();
    }

    Result<json::object> describe(std::string_view name) const override {
        const std::shared_ptr<Target> target = find(name);
        if (!target) return not_found(unknown(name));
        const drivers::Descriptor &driver = target->driver().descriptor();
        json::object described{{"target", target->name()},
                               {"driver", driver.name},
                               {"version", driver.version},
                               {"capabilities", json::value_from(drivers::capability_names(driver.capabilities))},
                               {"extensions", json::value_from(target->driver().extensions())}};
        if (json::array secret = target->driver().secret(); !secret.empty()) described["secret"] = std::move(secret);
        return described;
    }

  private:
    std::shared_ptr<Target> find(std::string_view name) const {
        const auto found = reached_.find(name);
        return found == reached_.end() ? nullptr : found->second;
    }
    static std::string unknown(std::string_view name) { return "the settings of this target name no target " + in_quotes(name); }

    const TargetSet::ByName reached_;
};

class Maker {
  public:
    Maker(const config::Settings &settings, const drivers::Registry &registry, const Log &log, metrics::Metrics *metrics,
          Reaper *reaper, const MadeTargets &before)
        : settings_(settings), registry_(registry), log_(log), metrics_(metrics), reaper_(reaper), before_(before) {}

    Result<MadeTargets> make() {
        made_.targets.default_target = settings_.default_target;
        std::vector<std::pair<const config::TargetSettings *, Kind>> found;
        for (const config::TargetSettings &wanted : settings_.targets)
            if (auto kind = registry_.find(wanted.driver))
                found.emplace_back(&wanted, std::move(*kind));
            else
                mistakes_.push_back(settings_.located(kind.error(), wanted, "driver"));
        if (!mistakes_.empty()) std::ranges::move(unread_folders(settings_, registry_), std::back_inserter(mistakes_));
        // Targets that name others are made after those.
        for (const bool naming : {false, true})
            for (const auto &[wanted, kind] : found)
                if (named(*wanted, *kind).empty() != naming) add(*wanted, kind);
        if (mistakes_.empty()) add_planners();
        if (mistakes_.empty()) return std::move(made_);
        // With other mistakes too, ending the targets in use would not help.
        if (!std::ranges::all_of(mistakes_, [](const Error &mistake) { return mistake.code == Code::conflict; })) in_use_.clear();
        return config::all_mistakes(settings_.file, std::move(mistakes_));
    }

    const std::vector<std::string> &in_use() const { return in_use_; }

  private:
    using Kind = std::shared_ptr<const drivers::DriverKind>;

    static std::vector<std::pair<std::string, std::string>> named(const config::TargetSettings &wanted,
                                                                  const drivers::DriverKind &kind) {
        return drivers::named_targets(kind.descriptor.settings_schema, wanted.settings);
    }

    void add(const config::TargetSettings &wanted, const Kind &kind) {
        MadeTargets::Origin origin{wanted, kind, {}, nullptr};
        Result<std::shared_ptr<Target>> target = make_target(wanted, kind, origin.reached);
        if (!target) {
            if (target.error().code == Code::conflict) {
                held_.insert(wanted.name);
                if (before_.origins.contains(wanted.name)) in_use_.push_back(wanted.name);
            }
            std::ranges::move(settings_.each_located(target.error(), wanted), std::back_inserter(mistakes_));
            return;
        }
        if (wanted.strategy == config::Strategy::apply)
            if (const std::optional<drivers::Failure> why = (*target)->unsupported(drivers::Verb::apply))
                return mistakes_.push_back(settings_.located(invalid(why->message), wanted, "strategy"));
        made_.targets.by_name.emplace(wanted.name, *target);
        made_.origins.emplace(wanted.name, std::move(origin));
        if ((*target)->over()) made_.targets.planners.emplace(wanted.name, *target);
    }

    Result<std::shared_ptr<Target>> make_target(const config::TargetSettings &wanted, const Kind &kind,
                                                std::vector<std::string> &reached) {
        std::shared_ptr<Target> over;
        for (const auto &[setting, name] : named(wanted, *kind)) {
            Result<std::shared_ptr<Target>> other = find_other(wanted, setting, name);
            if (!other) return other.error();
            reached.push_back(name);
            over = std::move(*other);
        }
        if (is_as_before(wanted, *kind, reached)) return before_.targets.by_name.at(wanted.name);
        return settle(wanted, kind, wanted.settings, reached, std::move(over));
    }

    TargetSet::ByName all_of(const std::vector<std::string> &names) const {
        TargetSet::ByName all;
        for (const std::string &name : names) all.emplace(name, made_.targets.by_name.at(name));
        return all;
    }

    bool is_as_before(const config::TargetSettings &wanted, const drivers::DriverKind &kind,
                      const std::vector<std::string> &reached) const {
        const auto origin = before_.origins.find(wanted.name);
        return origin != before_.origins.end() && origin->second.settings == wanted &&
               origin->second.kind->file->is_same(*kind.file) &&
               std::ranges::all_of(reached, [&](const std::string &name) { return is_taken_over(name); });
    }

    bool is_taken_over(const std::string &name) const {
        const auto found = before_.targets.by_name.find(name);
        return found != before_.targets.by_name.end() && found->second == made_.targets.by_name.at(name);
    }

    // over: the target that it plans over, if its driver makes plans.
    Result<std::shared_ptr<Target>> settle(const config::TargetSettings &wanted, const Kind &kind, const json::object &settings,
                                           const std::vector<std::string> &reached, std::shared_ptr<Target> over) {
        const std::shared_ptr<metrics::TargetMetrics> counted = metrics_ ? metrics_->target(wanted.name) : nullptr;
        std::function<void()> count_restart;
        if (counted) count_restart = [counted] { counted->driver_restarted(); };
        const process::InstanceOptions options{.target = wanted.name,
                                               .isolation = wanted.isolation,
                                               .limits = wanted.process,
                                               .secrets = settings_.secrets,
                                               .timeout = wanted.limits.timeout,
                                               .abandon_after = wanted.limits.abandon_after,
                                               .restarting = std::move(count_restart)};
        Result<std::unique_ptr<drivers::Driver>> driver =
            create_driver(kind, options, settings, log_, std::make_shared<Reach>(all_of(reached)));
        if (!driver) return driver.error();
        if (!(*driver)->offers(RSF_EXT_PLAN)) over = nullptr;
        config::TargetLimits limits = wanted.limits;
        // A process that does not return is ended first, which frees its threads.
        if (wanted.isolation == process::Isolation::process) limits.abandon_after *= 2;
        std::unique_ptr<Target> target =
            Target::make(wanted.name, std::move(*driver), limits, log_, std::move(over), wanted.strategy, counted);
        return reaper_ ? reaper_->adopt(std::move(target)) : std::shared_ptr<Target>(std::move(target));
    }

    Result<std::shared_ptr<Target>> find_other(const config::TargetSettings &wanted, const std::string &setting,
                                               const std::string &name) {
        const auto refused = [&](const std::string &message) { return invalid(message).at({.pointer = below({}, setting)}); };
        std::vector<std::string_view> names;
        for (const config::TargetSettings &target : settings_.targets) names.push_back(target.name);
        if (name == wanted.name) return refused(setting + " is the target itself; name another one");
        if (const auto found = made_.targets.by_name.find(name); found != made_.targets.by_name.end() && !found->second->over())
            return found->second;
        if (held_.contains(name))
            return conflict(setting + ": the target " + in_quotes(name) + " can't be made").at({.pointer = below({}, setting)});
        if (std::ranges::find(names, name) != names.end())
            return refused(setting + ": the target " + in_quotes(name) + " stands over another one itself, or can't be made");
        return refused(setting + ": " + no_target(name, names));
    }

    // So that every target can be asked for a dry run: by the first driver that offers rsf.plan/1 and needs no other setting than
    // the target to plan over.
    void add_planners() {
        for (const Kind &kind : registry_.drivers())
            if (const std::optional<std::string> over = drivers::only_target_setting(kind->descriptor.settings_schema))
                if (add_planners_of(kind, *over)) return;
        log_->warn("no dry runs, since no driver of the driver_path makes plans (rsf.plan/1)");
    }

    // False: it makes no plans. over: its setting for the target to plan over.
    bool add_planners_of(const Kind &kind, const std::string &over) {
        for (const config::TargetSettings &wanted : settings_.targets) {
            if (made_.targets.planners.contains(wanted.name)) continue;
            auto planner = planner_over(wanted, kind, over);
            if (!planner) {
                log_->warn("no dry runs of target '{}': {}", wanted.name, to_string(planner.error()));
                return true;
            }
            if (!(*planner)->over()) return false;
            made_.targets.planners.emplace(wanted.name, std::move(*planner));
            made_.origins.at(wanted.name).planner = kind;
        }
        return true;
    }

    Result<std::shared_ptr<Target>> planner_over(const config::TargetSettings &wanted, const Kind &kind,
                                                 const std::string &over) {
        if (is_taken_over(wanted.name)) {
            const Kind &was = before_.origins.at(wanted.name).planner;
            if (was && was->file->is_same(*kind->file)) return before_.targets.planners.at(wanted.name);
        }
        return settle(wanted, kind, {{over, wanted.name}}, {wanted.name}, made_.targets.by_name.at(wanted.name));
    }

    const config::Settings &settings_;
    const drivers::Registry &registry_;
    const Log &log_;
    metrics::Metrics *const metrics_; // null: nothing is counted
    Reaper *const reaper_;            // null: they end where their last holder releases them
    const MadeTargets &before_;
    MadeTargets made_;
    std::vector<Error> mistakes_;
    std::vector<std::string> in_use_;
    std::set<std::string, std::less<>> held_; // refused what another instance holds, of these targets or of another daemon
};

} // namespace

Result<MadeTargets> make_targets(const config::Settings &settings, const drivers::Registry &registry, const Log &log,
                                 metrics::Metrics *metrics, Reaper *reaper, const MadeTargets &before,
                                 std::vector<std::string> *in_use) {
    Maker maker(settings, registry, log, metrics, reaper, before);
    Result<MadeTargets> made = maker.make();
    if (!made && in_use) *in_use = maker.in_use();
    return made;
}

} // namespace rsf::targets
