// SPDX-License-Identifier: Apache-2.0
//
// Makes targets from settings: finds each one's driver, checks its settings and creates the instance.
#pragma once

#include "base/log.hpp"
#include "config/settings.hpp"
#include "drivers/registry.hpp"
#include "metrics/metrics.hpp"
#include "targets/reaper.hpp"
#include "targets/target_set.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rsf::targets {

// The targets of some settings, and what each was made of.
struct MadeTargets {
    struct Origin {
        config::TargetSettings settings;
        std::shared_ptr<const drivers::DriverKind> kind;
        std::vector<std::string> reached;                   // other targets that its settings name
        std::shared_ptr<const drivers::DriverKind> planner; // the driver that plans over it; null: none, or its own
    };
    TargetSet targets;
    std::map<std::string, Origin, std::less<>> origins; // by name
};

// All of them or, with every mistake and its place, none. Nothing is asked of any cluster. Those of before whose settings, driver
// file and reached targets are the same as they were are taken over as they are; the others are adopted by reaper, unless that is
// null. A mistake's code is conflict where every mistake is that another instance holds what a new one needs. in_use:
// receives, when it fails, the names of those of before whose new instance is refused what the old one may still hold
// (RSF_CONFLICT from create).
Result<MadeTargets> make_targets(const config::Settings &settings, const drivers::Registry &registry, const Log &log,
                                 metrics::Metrics *metrics, Reaper *reaper = nullptr, const MadeTargets &before = {},
                                 std::vector<std::string> *in_use = nullptr);

} // namespace rsf::targets
