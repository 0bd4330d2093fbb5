// SPDX-License-Identifier: Apache-2.0
#include "targets/checked_settings.hpp"

#include "base/json_pointer.hpp"
#include "base/text.hpp"
#include "config/mistakes.hpp"
#include "drivers/schema/settings_schema.hpp"
#include "process/isolation.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace rsf::targets {

namespace {

// Of the targets that a target's settings name, those that the file does not have.
std::vector<Error> unknown_targets(const config::Settings &settings, const config::TargetSettings &target,
                                   const drivers::DriverKind &kind) {
    std::vector<std::string_view> names;
    for (const config::TargetSettings &one : settings.targets) names.push_back(one.name);
    std::vector<Error> mistakes;
    for (const auto &[setting, name] : drivers::named_targets(kind.descriptor.settings_schema, target.settings))
        if (std::ranges::find(names, name) == names.end())
            mistakes.push_back(
                settings.located(invalid(setting + ": " + no_target(name, names)).at({.pointer = below({}, setting)}), target));
    return mistakes;
}

std::vector<Error> mistakes_of(const config::Settings &settings, const config::TargetSettings &target,
                               const drivers::DriverKind &kind) {
    const auto applied = drivers::apply_schema(kind.descriptor.settings_schema, target.settings, settings.secrets);
    return applied ? unknown_targets(settings, target, kind) : settings.each_located(applied.error(), target);
}

} // namespace

std::vector<Error> unread_folders(const config::Settings &settings, const drivers::Registry &registry) {
    std::vector<Error> mistakes;
    for (std::size_t i = 0; i < settings.driver_path.size(); ++i) {
        const std::string folder = settings.driver_path[i].native();
        const auto same = [&](const Error &refused) { return refused.place.file == folder; };
        const auto refused = std::ranges::find_if(registry.refused(), same);
        if (refused == registry.refused().end()) continue;
        mistakes.push_back(settings.located(*refused, below(below({}, "driver_path"), i)));
        mistakes.back().message = folder + ": " + mistakes.back().message;
    }
    return mistakes;
}

std::vector<Error> driver_mistakes(const config::Draft &draft, const drivers::Registry &registry) {
    std::vector<Error> mistakes;
    bool is_one_missing = false;
    for (const config::TargetSettings &target : draft.settings.targets) {
        if (target.driver.empty()) continue;
        const auto kind = registry.find(target.driver);
        if (!kind) {
            mistakes.push_back(draft.settings.located(kind.error(), target, "driver"));
            is_one_missing = true;
            continue;
        }
        if (config::has_mistake_at(draft.mistakes, below(below("/targets", target.name), "settings"))) continue;
        std::ranges::copy_if(
            mistakes_of(draft.settings, target, **kind), std::back_inserter(mistakes),
            [&](const Error &mistake) { return !config::has_mistake_at(draft.mistakes, mistake.place.pointer); });
    }
    if (is_one_missing) std::ranges::move(unread_folders(draft.settings, registry), std::back_inserter(mistakes));
    return mistakes;
}

Result<config::Settings> read_settings(const std::filesystem::path &file) {
    config::Draft draft = config::draft_settings(file);
    if (draft.mistakes.empty()) return std::move(draft.settings);
    // With a folder missing, its drivers would be reported as missing too.
    if (!draft.settings.targets.empty() && !config::has_mistake_within(draft.mistakes, "/driver_path")) {
        const auto registry = drivers::Registry::scan(draft.settings.driver_path, process::describe_apart());
        std::ranges::move(driver_mistakes(draft, registry), std::back_inserter(draft.mistakes));
    }
    return config::all_mistakes(file, std::move(draft.mistakes));
}

} // namespace rsf::targets
