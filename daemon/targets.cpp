// SPDX-License-Identifier: Apache-2.0
#include "targets.hpp"

namespace rsf::daemon {

namespace {

Result<std::shared_ptr<Target>> make_target(const Settings &settings, const TargetSettings &wanted, const Registry &registry,
                                            const Log &log) {
    const Result<std::shared_ptr<const DriverLibrary>> library = registry.find(wanted.driver);
    if (!library) return settings.located(library.error(), wanted, "driver");
    Result<std::unique_ptr<Driver>> driver = create_driver(*library, wanted.name, wanted.settings, log);
    if (!driver) return settings.located(driver.error(), wanted);
    return Target::make(wanted.name, std::move(*driver), wanted.limits, log);
}

} // namespace

Result<Targets> make_targets(const Settings &settings, const Registry &registry, const Log &log) {
    Targets targets;
    targets.default_target = settings.default_target;
    std::vector<Error> mistakes;
    for (const TargetSettings &wanted : settings.targets) {
        Result<std::shared_ptr<Target>> target = make_target(settings, wanted, registry, log);
        if (target)
            targets.by_name.emplace(wanted.name, std::move(*target));
        else
            mistakes.push_back(target.error());
    }
    if (mistakes.empty()) return targets;
    if (mistakes.size() == 1) return std::move(mistakes.front());
    return Error{Code::invalid, "several targets can't be made", {.file = settings.file.string()}, std::move(mistakes)};
}

} // namespace rsf::daemon
