// SPDX-License-Identifier: Apache-2.0
#include "run/planner.hpp"

#include "base/text.hpp"
#include "run/counting.hpp"

#include <utility>

namespace rsf::run {

namespace {

drivers::Failure failure_of(const Error &error) {
    return {error.code, error.message, drivers::Failure::Retry::unknown, {}, nullptr};
}

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

Planner::Planner(const Ground &ground, const Ground &over, Operation operation, std::stop_token client,
                 std::function<void(PlanReport)> done)
    : Walk(ground, over, std::move(operation), client), done_(std::move(done)), client_(std::move(client)), steps_(size()) {}

// Begun by the first step, on a thread that may call the driver.
Result<drivers::Planning *> Planner::planning() {
    const std::lock_guard lock(begin_mutex_);
    if (!planning_) planning_ = ground().driver.plan(operation().verb, operation().ns, orderables());
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
    if (!plan) return failure_of(plan.error());
    ++inside_;
    drivers::Answer answer = (*plan)->step(resource, call, unknown);
    --inside_;
    return answer;
}

void Planner::note(graph::Plan &plan, std::size_t resource, drivers::Answer answer) {
    if (!answer) {
        plan.failed(resource, std::move(answer.error().message));
        return;
    }
    boost::json::object &step = steps_[resource].step.emplace(std::move(answer->object.get_object()));
    boost::json::value object;
    if (const auto found = step.find("object"); found != step.end()) {
        object = std::move(found->value());
        step.erase(found);
    }
    learn_secrets(resource, object);
    if (says(step, "action", "failed"))
        plan.failed(resource, first_error(step));
    else
        plan.succeeded(resource, std::move(object),
                       says(step, "action", "unchanged") ? graph::Knowledge::whole : graph::Knowledge::partial);
}

// Once the other is done, there is nothing left to do for this one, unless it failed for both.
void Planner::note_same(graph::Plan &plan, std::size_t resource, std::size_t other, drivers::Answer answer) {
    note(plan, resource, std::move(answer));
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

void Planner::finish(graph::Plan plan) {
    for (std::size_t i = 0; i < size(); ++i) {
        graph::Verdict verdict = plan.verdict(i);
        if (!steps_[i].step && verdict.kind == graph::Verdict::Kind::succeeded)
            steps_[i].step = nothing_to_delete(verdict.reason);
        else if (!steps_[i].step)
            steps_[i].reason = std::move(verdict.reason);
        steps_[i].refers_to = plan.refers_to(i);
    }
    Job job;
    job.what = "the end of a plan";
    job.request_id = operation().request_id;
    job.work = [self = shared_from_this(), this](auto, std::stop_token) -> drivers::Answer {
        if (planning_ && *planning_ && inside_ == 0) (**planning_)->end();
        return drivers::Success{};
    };
    job.done = [self = shared_from_this(), this](const drivers::Answer &, bool) { end(); };
    ground().pool.submit(std::move(job));
}

void Planner::refuse(Refusal refusal) {
    count_refusal(ground().metrics.get(), operation().verb, refusal.error.code);
    done_(std::move(refusal));
}

void Planner::end() {
    count_plan(ground().metrics.get(), operation().verb, steps_, client_.stop_requested(),
               std::chrono::steady_clock::now() - began_);
    ground().pool.leave();
    done_(PlanOutcome{std::move(operation().configuration), std::move(steps_)});
}

} // namespace rsf::run
