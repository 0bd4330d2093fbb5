// SPDX-License-Identifier: Apache-2.0
//
// What the kernel knows of this process and of those that it started. Of what can't be read, nothing is said.
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
