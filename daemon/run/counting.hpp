// SPDX-License-Identifier: Apache-2.0
//
// How operations are counted (docs/operating.md, "Metrics"). metrics: null counts nothing. Thread-safe.
#pragma once

#include "drivers/call.hpp"
#include "metrics/target_metrics.hpp"
#include "parse/configuration.hpp"
#include "run/target.hpp"

#include <chrono>
#include <vector>

namespace rsf::run {

void count_refusal(metrics::TargetMetrics *metrics, drivers::Verb verb, Code why);

void count_read(metrics::TargetMetrics *metrics, drivers::Verb verb, const drivers::Answer &answer,
                std::chrono::nanoseconds took);

// resources: all with their states.
void count_write(metrics::TargetMetrics *metrics, drivers::Verb verb, const std::vector<parse::Resource> &resources,
                 std::chrono::nanoseconds took);

void count_plan(metrics::TargetMetrics *metrics, drivers::Verb verb, const std::vector<PlannedStep> &steps, bool client_gone,
                std::chrono::nanoseconds took);

} // namespace rsf::run
