// SPDX-License-Identifier: Apache-2.0
//
// The series of all targets, by what they count. Thread-safe.
#pragma once

#include "metrics/target_metrics.hpp"
#include "metrics/watches.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>

namespace rsf::metrics {

struct TargetFamilies {
    explicit TargetFamilies(prometheus::Registry &registry);

    prometheus::Family<prometheus::Counter> &operations, &resources, &restarts;
    prometheus::Family<prometheus::Histogram> &durations;
};

// The series of one target, removed with this object. No two of a name at once.
class TargetMetrics::Series {
  public:
    Series(TargetFamilies &families, const std::string &target);
    Series(const Series &) = delete;
    Series &operator=(const Series &) = delete;
    ~Series();

    static constexpr std::size_t verbs = 6, operation_results = 7, resource_results = 8;
    TargetFamilies &families;
    // constant after construction
    std::array<std::array<prometheus::Counter *, operation_results>, verbs> operations{}; // null: impossible
    std::array<std::array<prometheus::Counter *, resource_results>, verbs> resources{};   // null: impossible
    std::array<prometheus::Histogram *, verbs> durations{};
    prometheus::Counter *restarts = nullptr;

    const std::shared_ptr<Watches<TargetNow>> watches =
        std::make_shared<Watches<TargetNow>>(); // may be read after this is destroyed
};

} // namespace rsf::metrics
