// SPDX-License-Identifier: Apache-2.0
//
// The metrics of requests. A series is made when it is first needed; from then on it is found by its place in a table.
// Thread-safe.
#pragma once

#include "metrics/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace rsf::metrics {

class RequestMetrics {
  public:
    // registry outlives this.
    explicit RequestMetrics(prometheus::Registry &registry);

    void count(MeteredRoute route, std::string_view method, unsigned status, std::chrono::nanoseconds took);

  private:
    static constexpr std::size_t routes = 14, methods = 9, codes = 29;

    prometheus::Counter &make(std::size_t route, std::size_t method, std::size_t code);

    prometheus::Family<prometheus::Counter> &requests_;
    std::array<prometheus::Histogram *, routes> durations_; // constant after construction
    std::array<std::atomic<prometheus::Counter *>, routes * methods * codes> counters_{};
};

} // namespace rsf::metrics
