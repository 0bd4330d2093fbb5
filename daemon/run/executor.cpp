// SPDX-License-Identifier: Apache-2.0
#include "run/executor.hpp"

#include "parse/document.hpp"
#include "run/report.hpp"
#include "text.hpp"

#include <resourcifier/extensions.h>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace rsf::daemon {

namespace {

Direction direction_of(Verb verb) { return verb == Verb::remove ? Direction::dependants_first : Direction::dependencies_first; }

Refusal refusal_of(const Failure &failure) {
    return {{failure.code, failure.message, {}, {}}, std::chrono::ceil<std::chrono::seconds>(failure.retry_after)};
}

// Blocks in the driver.
Result<std::vector<OrderEdge>> ask_order(Driver &driver, const Operation &operation) {
    std::vector<OrderEdge> edges;
    const std::vector<std::string> extensions = driver.extensions();
    if (std::ranges::find(extensions, RSF_EXT_ORDER) == extensions.end()) return edges;
    std::vector<Orderable> resources;
    resources.reserve(operation.configuration.resources.size());
    for (const Resource &resource : operation.configuration.resources)
        resources.push_back({resource.name, resource.type, boost::json::serialize(resource.properties)});
    Result<std::vector<Before>> order = driver.order(operation.ns, resources);
    if (!order) return order.error();
    edges.reserve(order->size());
    for (Before &before : *order) edges.push_back({before.first, before.then, std::move(before.why)});
    return edges;
}

} // namespace

Executor::Executor(const Ground &ground, Operation operation, std::function<void(Report)> done)
    : ground_(ground), operation_(std::move(operation)), done_(std::move(done)),
      states_(operation_.configuration.resources.size()) {}

void Executor::start() {
    if (const std::optional<Failure> failure = ground_.pool.enter()) return refuse(refusal_of(*failure));
    entered_ = true;
    const auto orders = std::make_shared<Result<Orders>>(Orders());
    Job job;
    job.what = "the order of " + std::to_string(states_.size()) + " resources";
    job.work = [self = shared_from_this(), &driver = ground_.driver, orders](auto, std::stop_token) -> Answer {
        *orders = ask_order(driver, self->operation_);
        return Success{};
    };
    job.done = [self = shared_from_this(), orders](const Answer &answer, bool) {
        if (answer)
            self->make_plan(std::move(*orders));
        else
            self->refuse(refusal_of(answer.error()));
    };
    ground_.pool.submit(std::move(job));
}

void Executor::make_plan(Result<Orders> orders) {
    if (!orders) return refuse({std::move(orders).error(), {}});
    Result<Plan> plan = Plan::make(operation_.configuration, direction_of(operation_.verb), *orders);
    if (!plan) return refuse({std::move(plan).error(), {}});
    {
        const std::lock_guard lock(mutex_);
        plan_.emplace(std::move(*plan));
    }
    pull();
}

// Whatever ends brings on the next: called after the plan was made and after each end.
void Executor::pull() {
    while (std::optional<Step> step = next_step()) submit(std::move(*step));
    {
        const std::lock_guard lock(mutex_);
        if (finished_ || plan_->more_to_do()) return;
        finished_ = true;
    }
    finish();
}

std::optional<Step> Executor::next_step() {
    const std::lock_guard lock(mutex_);
    if (finished_ || in_flight_ >= ground_.concurrency) return std::nullopt;
    std::optional<Step> step = plan_->next_ready();
    if (step) ++in_flight_;
    return step;
}

void Executor::submit(Step step) {
    const std::size_t index = step.resource;
    try {
        const Resource &resource = operation_.configuration.resources[index];
        const auto call = std::make_shared<Call>();
        call->verb = operation_.verb;
        call->type = resource.type;
        call->name = resource.name;
        call->ns = operation_.ns;
        call->object = step.resolved ? write_json(std::move(*step.resolved)) : boost::json::serialize(resource.properties);
        call->request_id = operation_.request_id;
        Job job;
        job.what = std::string(to_string(call->verb)) + " of '" + printable(resource.name, 100) + "'";
        job.work = [call, &driver = ground_.driver](auto deadline, std::stop_token stop) {
            call->deadline = deadline;
            call->stop = std::move(stop);
            return driver.perform(*call);
        };
        job.done = [self = shared_from_this(), index](Answer answer, bool begun) {
            self->ended(index, std::move(answer), begun);
        };
        ground_.pool.submit(std::move(job));
    } catch (const std::exception &) {
        const std::lock_guard lock(mutex_);
        --in_flight_;
        plan_->failed(index, "out of memory"); // short enough to need none
    }
}

// Allocates nothing, or survives not getting it: an end that was not noted would be an operation without an end.
void Executor::ended(std::size_t resource, Answer answer, bool begun) {
    {
        const std::lock_guard lock(mutex_);
        --in_flight_;
        if (begun) states_[resource] = state_of(operation_.verb, answer);
        if (!begun) {
            plan_->abort_waiting(std::move(answer.error().message));
            plan_->not_begun(resource);
        } else if (answer) {
            plan_->succeeded(resource, std::move(answer->object));
        } else {
            plan_->failed(resource, std::move(answer.error().message));
        }
    }
    pull();
}

void Executor::refuse(Refusal refusal) {
    ground_.log->info("target={} request={} {} of {} resources refused: {}", ground_.target, operation_.request_id,
                      to_string(operation_.verb), states_.size(), printable(to_string(refusal.error), 1000));
    if (entered_) ground_.pool.leave();
    done_(std::move(refusal));
}

void Executor::finish() {
    std::vector<Resource> &resources = operation_.configuration.resources;
    for (std::size_t i = 0; i < resources.size(); ++i) resources[i].state = final_state(i);
    plan_.reset();
    log_end(resources);
    ground_.pool.leave();
    done_(std::move(operation_.configuration));
}

State Executor::final_state(std::size_t resource) {
    if (states_[resource]) return std::move(*states_[resource]);
    try {
        Verdict verdict = plan_->verdict(resource);
        return {verdict.kind == Verdict::Kind::aborted ? Status::aborted : Status::failed, {std::move(verdict.reason)}, {}};
    } catch (const std::bad_alloc &) {
        return {Status::failed, {}, {}};
    }
}

void Executor::log_end(const std::vector<Resource> &resources) const try {
    for (const Resource &resource : resources) {
        if (resource.state->status != Status::failed || resource.state->errors.empty()) continue;
        ground_.log->warn("target={} request={} {} of '{}' ({}) failed: {}", ground_.target, operation_.request_id,
                          to_string(operation_.verb), printable(resource.name, 100), printable(resource.type, 100),
                          printable(resource.state->errors.front(), 500));
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
    ground_.log->info("target={} request={} {} of {} resources took {} ms: {}", ground_.target, operation_.request_id,
                      to_string(operation_.verb), resources.size(), took.count(), tally(resources));
} catch (const std::bad_alloc &) { // the report matters more
}

} // namespace rsf::daemon
