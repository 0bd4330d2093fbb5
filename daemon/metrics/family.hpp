// SPDX-License-Identifier: Apache-2.0
//
// Metric families for values that exist already when they are scraped. Pure.
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <string>
#include <utility>
#include <vector>

namespace rsf::metrics {

inline prometheus::MetricFamily family(std::string name, std::string help, prometheus::MetricType type) {
    prometheus::MetricFamily made;
    made.name = std::move(name);
    made.help = std::move(help);
    made.type = type;
    return made;
}

inline void add_sample(prometheus::MetricFamily &family, std::vector<prometheus::ClientMetric::Label> labels, double value) {
    prometheus::ClientMetric &metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    if (family.type == prometheus::MetricType::Counter)
        metric.counter.value = value;
    else
        metric.gauge.value = value;
}

} // namespace rsf::metrics
