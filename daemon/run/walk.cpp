// SPDX-License-Identifier: Apache-2.0
#include "run/walk.hpp"

#include "parse/document.hpp"
#include "text.hpp"

#include <resourcifier/extensions.h>

#include <boost/json/serialize.hpp>

#include <exception>
#include <utility>

namespace rsf::daemon {

namespace {

using Edges = std::vector<OrderEdge>;

Direction direction_of(Verb verb) { return verb == Verb::remove ? Direction::dependants_first : Direction::dependencies_first; }

Refusal refusal_of(const Failure &failure) {
    return {{failure.code, failure.message, {}, {}}, std::chrono::ceil<std::chrono::seconds>(failure.retry_after)};
}

// Blocks in the driver.
Result<Edges> ask_order(Driver &driver, const std::string &ns, const std::vector<Orderable> &resources) {
    Edges edges;
    Result<std::vector<Before>> order = driver.order(ns, resources);
    if (!order) return order.error();
    edges.reserve(order->size());
    for (Before &before : *order) edges.push_back({before.first, before.then, std::move(before.why)});
    return edges;
}

} // namespace

Walk::Walk(const Ground &ground, const Ground &ordering, Operation operation, std::stop_token client)
    : ground_(ground), ordering_(ordering), operation_(std::move(operation)), size_(operation_.configuration.resources.size()),
      client_(std::move(client)) {}

std::vector<Orderable> Walk::orderables() const {
    std::vector<Orderable> resources;
    resources.reserve(size_);
    for (const Resource &resource : operation_.configuration.resources)
        resources.push_back({resource.name, resource.type, boost::json::serialize(resource.properties)});
    return resources;
}

void Walk::start() {
    if (const std::optional<Failure> failure = ground_.pool.enter()) return refuse(refusal_of(*failure));
    order();
}

void Walk::order() {
    const bool elsewhere = &ordering_.pool != &ground_.pool;
    if (elsewhere)
        if (const std::optional<Failure> failure = ordering_.pool.enter()) return give_up(refusal_of(*failure));
    const auto edges = std::make_shared<Result<Edges>>(Edges());
    Job job;
    job.what = "the order of " + std::to_string(size_) + " resources";
    job.client = client_;
    job.work = [self = shared_from_this(), edges](auto, std::stop_token) -> Answer {
        Driver &driver = self->ordering_.driver;
        if (driver.offers(RSF_EXT_ORDER)) *edges = ask_order(driver, self->operation_.ns, self->orderables());
        return Success{};
    };
    job.done = [self = shared_from_this(), edges, elsewhere](const Answer &answer, bool) {
        if (elsewhere) self->ordering_.pool.leave();
        if (answer)
            self->make_plan(std::move(*edges));
        else
            self->give_up(refusal_of(answer.error()));
    };
    ordering_.pool.submit(std::move(job));
}

void Walk::make_plan(Result<Edges> edges) {
    if (!edges) return give_up({std::move(edges).error(), {}});
    Result<Plan> plan = Plan::make(operation_.configuration, direction_of(operation_.verb), *edges);
    if (!plan) return give_up({std::move(plan).error(), {}});
    {
        const std::lock_guard lock(mutex_);
        plan_.emplace(std::move(*plan));
    }
    pull();
}

// Whatever ends brings on the next: called after the plan was made and after each end.
void Walk::pull() {
    while (std::optional<Step> step = next_step()) submit(std::move(*step));
    {
        const std::lock_guard lock(mutex_);
        if (finished_ || plan_->more_to_do()) return;
        finished_ = true;
    }
    finish(std::move(*plan_));
}

std::optional<Step> Walk::next_step() {
    const std::lock_guard lock(mutex_);
    if (finished_ || in_flight_ >= ground_.concurrency) return std::nullopt;
    std::optional<Step> step = plan_->next_ready();
    if (step) ++in_flight_;
    return step;
}

void Walk::submit(Step step) {
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
        job.client = client_;
        job.work = [self = shared_from_this(), call, index, unknown = std::move(step.unknown)](auto deadline,
                                                                                               std::stop_token stop) {
            call->deadline = deadline;
            call->stop = std::move(stop);
            return self->perform(*call, index, unknown);
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
void Walk::ended(std::size_t resource, Answer answer, bool begun) {
    {
        const std::lock_guard lock(mutex_);
        --in_flight_;
        if (begun) {
            note(*plan_, resource, std::move(answer));
        } else {
            plan_->abort_waiting(std::move(answer.error().message));
            plan_->not_begun(resource);
        }
    }
    pull();
}

void Walk::give_up(Refusal refusal) {
    ground_.log->info("target={} request={} {} of {} resources refused: {}", ground_.target, operation_.request_id,
                      to_string(operation_.verb), size_, printable(to_string(refusal.error), 1000));
    ground_.pool.leave();
    refuse(std::move(refusal));
}

} // namespace rsf::daemon
