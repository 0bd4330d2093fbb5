// SPDX-License-Identifier: Apache-2.0
#include "run/counting.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace rsf::daemon {

namespace {

MeteredVerb metered(Verb verb) {
    switch (verb) {
    case Verb::list: return MeteredVerb::list;
    case Verb::get: return MeteredVerb::get;
    case Verb::create: return MeteredVerb::create;
    case Verb::replace: return MeteredVerb::replace;
    case Verb::remove: return MeteredVerb::remove;
    case Verb::apply: break;
    }
    return MeteredVerb::apply;
}

ResourceResult result_of(Status status) {
    switch (status) {
    case Status::created: return ResourceResult::created;
    case Status::replaced: return ResourceResult::replaced;
    case Status::unchanged: return ResourceResult::unchanged;
    case Status::deleted: return ResourceResult::deleted;
    case Status::aborted: return ResourceResult::aborted;
    case Status::failed: break;
    }
    return ResourceResult::failed;
}

OperationResult result_of(const Failure &failure) {
    if (failure.code == Code::not_found) return OperationResult::absent;
    return failure.code == Code::cancelled ? OperationResult::cancelled : OperationResult::failed;
}

} // namespace

void count_refusal(TargetMetrics *metrics, Verb verb, Code why) {
    if (!metrics) return;
    // That no order could be had is the driver's failure, or the client went away meanwhile.
    const bool failed = why == Code::timeout || why == Code::internal;
    metrics->operation(metered(verb),
                       why == Code::cancelled ? OperationResult::cancelled
                       : failed               ? OperationResult::failed
                                              : OperationResult::refused,
                       std::nullopt);
}

void count_read(TargetMetrics *metrics, Verb verb, const Answer &answer, std::chrono::nanoseconds took) {
    if (metrics) metrics->operation(metered(verb), answer ? OperationResult::done : result_of(answer.error()), took);
}

void count_write(TargetMetrics *metrics, Verb verb, const std::vector<Resource> &resources, std::chrono::nanoseconds took) {
    if (!metrics) return;
    std::array<std::size_t, 6> counts{}; // by Status
    for (const Resource &resource : resources) ++counts[static_cast<std::size_t>(resource.state->status)];
    for (std::size_t i = 0; i < counts.size(); ++i)
        metrics->resources(metered(verb), result_of(static_cast<Status>(i)), counts[i]);
    const std::size_t bad = counts[static_cast<std::size_t>(Status::failed)] + counts[static_cast<std::size_t>(Status::aborted)];
    metrics->operation(metered(verb),
                       bad == 0                 ? OperationResult::done
                       : bad < resources.size() ? OperationResult::partly
                                                : OperationResult::failed,
                       took);
}

void count_plan(TargetMetrics *metrics, Verb verb, const std::vector<PlannedStep> &steps, bool client_gone,
                std::chrono::nanoseconds took) {
    if (!metrics) return;
    const auto planned =
        static_cast<std::size_t>(std::ranges::count_if(steps, [](const PlannedStep &step) { return step.step.has_value(); }));
    metrics->resources(metered(verb), ResourceResult::planned, planned);
    metrics->resources(metered(verb), ResourceResult::failed, steps.size() - planned);
    metrics->operation(metered(verb),
                       client_gone    ? OperationResult::cancelled
                       : planned == 0 ? OperationResult::failed
                                      : OperationResult::planned,
                       took);
}

} // namespace rsf::daemon
