// SPDX-License-Identifier: Apache-2.0
//
// Metrics of the kernel about this process and its children. What can't be read is left out.
#pragma once

#include <prometheus/metric_family.h>

#include <cstddef>
#include <unordered_map>
#include <vector>

#include <sys/types.h>

namespace rsf::metrics {

// process_resident_memory_bytes and the others that Prometheus' clients have in common.
std::vector<prometheus::MetricFamily> process_metrics();

// How many processes each process has started that are still there, as far as they can be seen.
std::unordered_map<pid_t, std::size_t> count_children();

} // namespace rsf::metrics
