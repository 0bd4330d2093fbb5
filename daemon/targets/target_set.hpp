// SPDX-License-Identifier: Apache-2.0
//
// The targets that are served at one time. Plain values.
#pragma once

#include "config/target_limits.hpp"
#include "targets/target.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::targets {

struct TargetSet {
    using ByName = std::map<std::string, std::shared_ptr<Target>, std::less<>>;

    ByName by_name; // null: it is being replaced, and requests for it wait for the next set
    // The planner over the target of that name; none: no driver here makes plans. A target that only plans is its own planner.
    ByName planners;
    std::string default_target;
    // How many requests may wait for a target that is being replaced: its queue.
    std::map<std::string, std::size_t, std::less<>> queues{};
    // Targets that a reload had to end and could not make again, with the new or the old settings.
    std::vector<std::string> lost{};

    // For the target of that name; empty: for all of them, as a list of the targets does.
    std::size_t most_waiting(std::string_view name) const {
        if (name.empty()) return 16;
        const auto found = queues.find(name);
        return found == queues.end() ? config::TargetLimits{}.queue : found->second;
    }

    bool is_lost(std::string_view name) const { return std::ranges::find(lost, name) != lost.end(); }
};

} // namespace rsf::targets
