// SPDX-License-Identifier: Apache-2.0
#include "run/planner.hpp"

#include "base/text.hpp"

#include <utility>

namespace rsf::run {

namespace {

bool says(const boost::json::object &step, std::string_view key, std::string_view word) {
    const boost::json::value *value = step.if_contains(key);
    return value != nullptr && value->is_string() && value->get_string() == word;
}

std::string first_error(const boost::json::object &step) {
    const boost::json::value *errors = step.if_contains("errors");
    const boost::json::array *list = errors ? errors->if_array() : nullptr;
    return list && !list->empty() && list->front().is_string() ? std::string(list->front().get_string()) : "it would fail";
}

// The step of a resource that no driver is asked about.
boost::json::object nothing_to_delete(const std::string &why) {
    return {{"action", "unchanged"}, {"basis", "client"}, {"reason", "Nothing can be there to delete: " + why}};
}

} // namespace

Planner::Planner(Terms terms, Operation operation, std::function<void(PlanReport)> done)
    : OperationRun(std::move(terms), std::move(operation)), done_(std::move(done)), steps_(size()) {}

// Begun by the first step, on a thread that may call the driver.
Result<drivers::Planning *> Planner::planning() {
    const shared::Lock lock(begin_mutex_);
    if (!planning_) planning_ = context().driver.plan(operation().verb, operation().ns, orderables());
    if (!*planning_) return planning_->error();
    return (**planning_).get();
}

std::vector<drivers::Answer> Planner::perform(const Batch &batch) {
    std::vector<drivers::Answer> answers;
    for (std::size_t i = 0; i < batch.calls.size(); ++i)
        answers.push_back(step(batch.calls[i], batch.resources[i], batch.unknown[i]));
    return answers;
}

drivers::Answer Planner::step(const drivers::Call &call, std::size_t resource, const std::vector<std::string> &unknown) {
    const Result<drivers::Planning *> plan = planning();
    if (!plan) return drivers::Failure(plan.error());
    ++inside_;
    drivers::Answer answer = (*plan)->step(resource, call, unknown);
    --inside_;
    return answer;
}

void Planner::note(graph::Schedule &schedule, std::size_t resource, drivers::Answer answer) {
    if (!answer) {
        schedule.failed(resource, std::move(answer.error().message));
        return;
    }
    boost::json::object &step = steps_[resource].step.emplace(std::move(answer->object.get_object()));
    boost::json::value object;
    if (const auto found = step.find("object"); found != step.end()) {
        object = std::move(found->value());
        step.erase(found);
    }
    learn_secrets(resource, object);
    for (std::string &warning : answer->warnings) {
        boost::json::value &warnings = step["warnings"];
        if (!warnings.is_array()) warnings.emplace_array();
        warnings.get_array().emplace_back(warning);
    }
    if (says(step, "action", "failed"))
        schedule.failed(resource, first_error(step));
    else
        schedule.succeeded(resource, std::move(object),
                           says(step, "action", "unchanged") ? graph::Knowledge::whole : graph::Knowledge::partial);
}

// The other one's step is enough for both, unless it failed: then both failed.
void Planner::note_same(graph::Schedule &schedule, std::size_t resource, std::size_t other, drivers::Answer answer) {
    note(schedule, resource, std::move(answer));
    std::optional<boost::json::object> &step = steps_[resource].step;
    if (!step || says(*step, "action", "failed")) return;
    boost::json::object stands_for_both{{"action", "unchanged"},
                                        {"basis", (*step)["basis"]},
                                        {"reason", "It is the same object as " +
                                                       in_quotes(operation().configuration.resources[other].name) +
                                                       ", which says what becomes of it."}};
    if (const boost::json::value *identity = step->if_contains("identity")) stands_for_both["identity"] = *identity;
    step = std::move(stands_for_both);
}

void Planner::finish(graph::Schedule schedule) {
    for (std::size_t i = 0; i < size(); ++i) {
        graph::Verdict verdict = schedule.verdict(i);
        if (!steps_[i].step && verdict.kind == graph::Verdict::Kind::succeeded)
            steps_[i].step = nothing_to_delete(verdict.reason);
        else if (!steps_[i].step)
            steps_[i].reason = std::move(verdict.reason);
        steps_[i].refers_to = schedule.refers_to(i);
    }
    targets::Job job;
    job.what = "the end of a plan";
    job.request_id = operation().request_id;
    job.work = [self = shared_from_this(), this](auto, std::stop_token) -> drivers::Answer {
        end_planning();
        return drivers::Success{};
    };
    job.done = [self = shared_from_this(), this](const drivers::Answer &, bool) { end(); };
    context().pool.submit(std::move(job));
}

void Planner::end_planning() {
    if (planning_ && *planning_ && inside_ == 0) (**planning_)->end();
}

void Planner::refuse(drivers::Failure refusal) { done_(std::move(refusal)); }

void Planner::end() {
    observers().ended(subject(), {.steps = steps_, .client_gone = client().stop_requested()});
    context().pool.leave();
    done_(PlanOutcome{std::move(operation().configuration), std::move(steps_)});
}

} // namespace rsf::run
