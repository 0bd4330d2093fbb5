// SPDX-License-Identifier: Apache-2.0
#include "metrics/target_metrics.hpp"

#include "metrics/target_series.hpp"

#include <string_view>
#include <utility>

namespace rsf::metrics {

namespace {

using enum OperationResult;

constexpr std::array<std::string_view, 6> verb_names{"list", "get", "create", "replace", "delete", "apply"};
constexpr std::array<std::string_view, 7> operation_result_names{"done",      "partly", "failed", "refused",
                                                                 "cancelled", "absent", "planned"};
constexpr std::array<std::string_view, 8> resource_result_names{"created", "replaced", "unchanged", "deleted",
                                                                "failed",  "aborted",  "unknown",   "planned"};

bool is_read(std::size_t verb) {
    return verb == static_cast<std::size_t>(MeteredVerb::list) || verb == static_cast<std::size_t>(MeteredVerb::get);
}

// Series that can count something are there from the start: one that appears with its first failure hides that from rate().
bool can_be(std::size_t verb, OperationResult result) {
    if (result == partly || result == planned) return !is_read(verb);
    return result != absent || is_read(verb);
}

bool can_be(std::size_t verb, ResourceResult result) {
    if (is_read(verb)) return false;
    const bool is_delete = verb == static_cast<std::size_t>(MeteredVerb::remove);
    switch (result) {
    case ResourceResult::created:
    case ResourceResult::replaced: return !is_delete;
    case ResourceResult::unchanged: return verb == static_cast<std::size_t>(MeteredVerb::apply);
    case ResourceResult::deleted: return is_delete;
    default: return true;
    }
}

prometheus::Labels labels(const std::string &target, std::size_t verb) {
    return {{"target", target}, {"verb", std::string(verb_names[verb])}};
}

prometheus::Labels labels(const std::string &target, std::size_t verb, std::string_view result) {
    prometheus::Labels all = labels(target, verb);
    all.emplace("result", result);
    return all;
}

} // namespace

TargetFamilies::TargetFamilies(prometheus::Registry &registry)
    : operations(prometheus::BuildCounter()
                     .Name("resourcifier_operations_total")
                     .Help("Operations by target, verb and how they ended.")
                     .Register(registry)),
      resources(prometheus::BuildCounter()
                    .Name("resourcifier_resources_total")
                    .Help("Resources of writes and plans by target, verb and how they ended.")
                    .Register(registry)),
      restarts(prometheus::BuildCounter()
                   .Name("resourcifier_driver_restarts_total")
                   .Help("How often a driver's process was started again after it ended.")
                   .Register(registry)),
      durations(prometheus::BuildHistogram()
                    .Name("resourcifier_operation_duration_seconds")
                    .Help("Duration of operations that were not refused, by target and verb.")
                    .Register(registry)) {}

TargetMetrics::Series::Series(TargetFamilies &of, const std::string &target) : families(of) {
    const prometheus::Histogram::BucketBoundaries bounds{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                         1,     2.5,   5,    10,    30,   60,  120,  300};
    for (std::size_t verb = 0; verb < verbs; ++verb) {
        for (std::size_t i = 0; i < operation_results; ++i)
            if (can_be(verb, static_cast<OperationResult>(i)))
                operations[verb][i] = &families.operations.Add(labels(target, verb, operation_result_names[i]));
        for (std::size_t i = 0; i < resource_results; ++i)
            if (can_be(verb, static_cast<ResourceResult>(i)))
                resources[verb][i] = &families.resources.Add(labels(target, verb, resource_result_names[i]));
        durations[verb] = &families.durations.Add(labels(target, verb), bounds);
    }
    restarts = &families.restarts.Add({{"target", target}});
}

TargetMetrics::Series::~Series() {
    for (std::size_t verb = 0; verb < verbs; ++verb) {
        for (prometheus::Counter *counter : operations[verb])
            if (counter) families.operations.Remove(counter);
        for (prometheus::Counter *counter : resources[verb])
            if (counter) families.resources.Remove(counter);
        families.durations.Remove(durations[verb]);
    }
    families.restarts.Remove(restarts);
}

TargetMetrics::TargetMetrics(std::unique_ptr<Series> series) : series_(std::move(series)) {}
TargetMetrics::~TargetMetrics() = default;

void TargetMetrics::operation(MeteredVerb verb, OperationResult result, std::optional<std::chrono::nanoseconds> took) {
    const auto on = static_cast<std::size_t>(verb);
    if (prometheus::Counter *counter = series_->operations[on][static_cast<std::size_t>(result)]) counter->Increment();
    if (took) series_->durations[on]->Observe(std::chrono::duration<double>(*took).count());
}

void TargetMetrics::resources(MeteredVerb verb, ResourceResult result, std::size_t count) {
    prometheus::Counter *counter = series_->resources[static_cast<std::size_t>(verb)][static_cast<std::size_t>(result)];
    if (counter && count != 0) counter->Increment(static_cast<double>(count));
}

void TargetMetrics::driver_restarted() { series_->restarts->Increment(); }

std::shared_ptr<void> TargetMetrics::watch(std::function<TargetNow()> read) { return series_->watches->add(std::move(read)); }

} // namespace rsf::metrics
