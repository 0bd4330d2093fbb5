// SPDX-License-Identifier: Apache-2.0
#include "run/observers/log_observer.hpp"

#include "base/text.hpp"
#include "run/report.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rsf::run {

namespace {

// A line about the operation. Formats nothing for a level that is not logged.
template <class... Args>
void tell(spdlog::logger &log, spdlog::level::level_enum level, const Subject &subject, fmt::format_string<Args...> text,
          Args &&...args) {
    if (!log.should_log(level)) return;
    log.log(level, "{}{}",
            LogFields{{"target", subject.target.name()},
                      {"request", subject.request_id},
                      {"operation", to_string(subject.verb)},
                      {"operation_id", subject.id},
                      {"caller", subject.caller.name},
                      {"client", subject.caller.address}},
            fmt::format(text, std::forward<Args>(args)...));
}

std::string_view kind_of(const Subject &subject) { return subject.is_plan ? "a plan" : "an operation"; }

std::int64_t milliseconds_since(std::chrono::steady_clock::time_point began) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count();
}

} // namespace

std::optional<drivers::Failure> LogObserver::admitted(const Subject &subject) {
    tell(*log_, spdlog::level::info, subject, "{} of {} resources begins", kind_of(subject), subject.resources);
    return std::nullopt;
}

void LogObserver::ended(const Subject &subject, const Outcome &outcome) {
    if (subject.verb == drivers::Verb::list || subject.verb == drivers::Verb::get) return;
    if (outcome.refusal && subject.resources == 0) return; // its body was not read: the line of its request says it
    if (outcome.refusal)
        tell(*log_, spdlog::level::info, subject, "{} resources refused: {}", subject.resources,
             printable(in_one_line(*outcome.refusal), 1000));
    else if (subject.is_plan)
        tell_plan(subject, outcome);
    else
        tell_write(subject, outcome);
}

void LogObserver::tell_write(const Subject &subject, const Outcome &outcome) {
    for (const parse::Resource &resource : outcome.resources) {
        const parse::State &state = *resource.state;
        if (went_well(state.status)) continue;
        const std::string_view what = state.status == parse::Status::failed    ? "failed: "
                                      : state.status == parse::Status::aborted ? "aborted: "
                                                                               : "is unknown: ";
        const std::string_view error = state.errors.empty() ? "out of memory" : std::string_view(state.errors.front());
        tell(*log_, spdlog::level::warn, subject, "'{}' ({}) {}{}", printable(resource.name, 100), printable(resource.type, 100),
             error.starts_with(what) ? "" : what, printable(error, 500));
    }
    if (outcome.dropped != 0)
        tell(
            *log_, spdlog::level::warn, subject,
            "{} objects that the driver answered with were not taken, since requests and answers took as much memory as they may "
            "(limits.bodies); the resources are as their states say",
            outcome.dropped);
    if (log_->should_log(spdlog::level::info))
        tell(*log_, spdlog::level::info, subject, "{} resources took {} ms: {}", outcome.resources.size(),
             milliseconds_since(subject.began), tally(outcome.resources));
}

void LogObserver::tell_plan(const Subject &subject, const Outcome &outcome) {
    const auto planned = std::ranges::count_if(outcome.steps, [](const PlannedStep &step) { return step.step.has_value(); });
    tell(*log_, spdlog::level::info, subject, "the plan of {} resources took {} ms: {} planned{}", outcome.steps.size(),
         milliseconds_since(subject.began), planned, outcome.client_gone ? "; the client left before it was done" : "");
}

} // namespace rsf::run
