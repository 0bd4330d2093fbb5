// SPDX-License-Identifier: Apache-2.0
#include "run/observers/metrics_observer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace rsf::run {

namespace {

metrics::MeteredVerb metered(drivers::Verb verb) {
    switch (verb) {
    case drivers::Verb::list: return metrics::MeteredVerb::list;
    case drivers::Verb::get: return metrics::MeteredVerb::get;
    case drivers::Verb::create: return metrics::MeteredVerb::create;
    case drivers::Verb::replace: return metrics::MeteredVerb::replace;
    case drivers::Verb::remove: return metrics::MeteredVerb::remove;
    case drivers::Verb::apply: break;
    }
    return metrics::MeteredVerb::apply;
}

metrics::ResourceResult result_of(parse::Status status) {
    switch (status) {
    case parse::Status::created: return metrics::ResourceResult::created;
    case parse::Status::replaced: return metrics::ResourceResult::replaced;
    case parse::Status::unchanged: return metrics::ResourceResult::unchanged;
    case parse::Status::deleted: return metrics::ResourceResult::deleted;
    case parse::Status::aborted: return metrics::ResourceResult::aborted;
    case parse::Status::unknown: return metrics::ResourceResult::unknown;
    case parse::Status::failed: break;
    }
    return metrics::ResourceResult::failed;
}

metrics::OperationResult result_of(const drivers::Failure &failure) {
    if (failure.code == Code::not_found) return metrics::OperationResult::absent;
    return failure.code == Code::cancelled ? metrics::OperationResult::cancelled : metrics::OperationResult::failed;
}

void count_refusal(metrics::TargetMetrics &metrics, drivers::Verb verb, Code why, std::chrono::nanoseconds took) {
    // A missing order is the driver's failure, or the client left meanwhile.
    const bool failed = why == Code::timeout || why == Code::internal;
    if (why == Code::cancelled) return metrics.operation(metered(verb), metrics::OperationResult::cancelled, took);
    if (failed) return metrics.operation(metered(verb), metrics::OperationResult::failed, took);
    metrics.operation(metered(verb), metrics::OperationResult::refused, std::nullopt);
}

void count_read(metrics::TargetMetrics &metrics, drivers::Verb verb, const drivers::Answer &answer,
                std::chrono::nanoseconds took) {
    metrics.operation(metered(verb), answer ? metrics::OperationResult::done : result_of(answer.error()), took);
}

void count_write(metrics::TargetMetrics &metrics, drivers::Verb verb, std::span<const parse::Resource> resources,
                 std::chrono::nanoseconds took) {
    std::array<std::size_t, parse::status_count> counts{}; // by Status
    for (const parse::Resource &resource : resources) ++counts[static_cast<std::size_t>(resource.state->status)];
    for (std::size_t i = 0; i < counts.size(); ++i)
        metrics.resources(metered(verb), result_of(static_cast<parse::Status>(i)), counts[i]);
    const auto bad = static_cast<std::size_t>(
        std::ranges::count_if(resources, [](const parse::Resource &resource) { return !went_well(resource.state->status); }));
    metrics.operation(metered(verb),
                      bad == 0                 ? metrics::OperationResult::done
                      : bad < resources.size() ? metrics::OperationResult::partly
                                               : metrics::OperationResult::failed,
                      took);
}

void count_plan(metrics::TargetMetrics &metrics, drivers::Verb verb, std::span<const PlannedStep> steps, bool client_gone,
                std::chrono::nanoseconds took) {
    const auto planned =
        static_cast<std::size_t>(std::ranges::count_if(steps, [](const PlannedStep &step) { return step.step.has_value(); }));
    metrics.resources(metered(verb), metrics::ResourceResult::planned, planned);
    metrics.resources(metered(verb), metrics::ResourceResult::failed, steps.size() - planned);
    metrics.operation(metered(verb),
                      client_gone    ? metrics::OperationResult::cancelled
                      : planned == 0 ? metrics::OperationResult::failed
                                     : metrics::OperationResult::planned,
                      took);
}

} // namespace

void MetricsObserver::ended(const Subject &subject, const Outcome &outcome) {
    if (!subject.target.metrics()) return;
    metrics::TargetMetrics &metrics = *subject.target.metrics();
    const auto took = std::chrono::steady_clock::now() - subject.began;
    if (outcome.refusal) return count_refusal(metrics, subject.verb, outcome.refusal->code, took);
    if (outcome.answer) return count_read(metrics, subject.verb, *outcome.answer, took);
    if (subject.is_plan) return count_plan(metrics, subject.verb, outcome.steps, outcome.client_gone, took);
    count_write(metrics, subject.verb, outcome.resources, took);
}

} // namespace rsf::run
