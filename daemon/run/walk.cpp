// SPDX-License-Identifier: Apache-2.0
#include "run/walk.hpp"

#include "parse/document.hpp"
#include "text.hpp"

#include <resourcifier/extensions.h>

#include <boost/json/serialize.hpp>

#include <exception>
#include <new>
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
    const bool elsewhere = &ordering_.pool != &ground_.pool; // which may let nothing in
    if (size_ > 1 || elsewhere)
        order();
    else
        make_plan(Edges()); // one resource is in order
}

void Walk::order() {
    const bool elsewhere = &ordering_.pool != &ground_.pool;
    if (elsewhere)
        if (const std::optional<Failure> failure = ordering_.pool.enter()) return give_up(refusal_of(*failure));
    const auto edges = std::make_shared<Result<Edges>>(Edges());
    Job job;
    job.what = "the order of " + std::to_string(size_) + " resources";
    job.request_id = operation_.request_id;
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
    for (std::vector<Step> steps = next_steps(); !steps.empty(); steps = next_steps()) submit(std::move(steps));
    {
        const std::lock_guard lock(mutex_);
        if (finished_ || plan_->more_to_do()) return;
        finished_ = true;
    }
    std::optional<Refusal> refusal;
    try {
        if (unbegun_ && !begun_) refusal = refusal_of(*unbegun_); // nothing was done: it can be asked for again
    } catch (const std::bad_alloc &) {                            // then its resources say so, one by one
    }
    if (refusal) return give_up(std::move(*refusal));
    finish(std::move(*plan_));
}

// What is ready now and may go as one; never waits for more, which the end of what is under way will bring.
std::vector<Step> Walk::next_steps() {
    std::vector<Step> steps;
    const std::size_t limit = batch_limit();
    const std::lock_guard lock(mutex_);
    if (finished_ || in_flight_ >= ground_.concurrency) return steps;
    while (steps.size() < limit) {
        std::optional<Step> step = plan_->next_ready();
        if (!step) break;
        try {
            steps.push_back(std::move(*step));
        } catch (const std::bad_alloc &) {
            plan_->failed(step->resource, "out of memory"); // short enough to need none
        }
    }
    if (!steps.empty()) ++in_flight_;
    return steps;
}

// Takes all but the resources' numbers out of steps.
std::shared_ptr<Walk::Batch> Walk::batch_of(std::vector<Step> &steps) const {
    auto batch = std::make_shared<Batch>();
    for (Step &step : steps) {
        const Resource &resource = operation_.configuration.resources[step.resource];
        batch->resources.push_back(step.resource);
        batch->unknown.push_back(std::move(step.unknown));
        Call &call = batch->calls.emplace_back();
        call.verb = operation_.verb;
        call.type = resource.type;
        call.name = resource.name;
        call.ns = operation_.ns;
        call.object = step.resolved ? write_json(std::move(*step.resolved)) : boost::json::serialize(resource.properties);
        call.request_id = operation_.request_id;
    }
    return batch;
}

void Walk::submit(std::vector<Step> steps) {
    try {
        const std::shared_ptr<Batch> batch = batch_of(steps);
        const std::size_t others = steps.size() - 1;
        Job job;
        job.what = std::string(to_string(operation_.verb)) + " of '" + printable(batch->calls.front().name, 100) + "'" +
                   (others == 0 ? "" : " and " + std::to_string(others) + (others == 1 ? " other" : " others"));
        job.request_id = operation_.request_id;
        job.client = client_;
        job.work = [self = shared_from_this(), batch](auto deadline, std::stop_token stop) -> Answer {
            for (Call &call : batch->calls) {
                call.deadline = deadline;
                call.stop = stop;
            }
            batch->answers = self->perform(*batch);
            return Success{};
        };
        job.done = [self = shared_from_this(), batch](Answer answer, bool begun) {
            self->ended(*batch, std::move(answer), begun);
        };
        ground_.pool.submit(std::move(job));
    } catch (const std::exception &) {
        const std::lock_guard lock(mutex_);
        --in_flight_;
        for (const Step &step : steps) plan_->failed(step.resource, "out of memory"); // short enough to need none
    }
}

// Allocates nothing, or survives not getting it: an end that was not noted would be an operation without an end.
// answer: a failure is that of all, and then nobody looks at their own, which a driver that was given up may be writing yet.
void Walk::ended(Batch &batch, Answer answer, bool begun) {
    {
        const std::lock_guard lock(mutex_);
        --in_flight_;
        begun_ = begun_ || begun;
        if (answer) {
            for (std::size_t i = 0; i < batch.resources.size(); ++i)
                note(*plan_, batch.resources[i], std::move(batch.answers[i]));
        } else if (begun) {
            for (const std::size_t resource : batch.resources) note_failure(resource, answer.error());
        } else {
            note_unbegun(std::move(answer).error());
            for (const std::size_t resource : batch.resources) plan_->not_begun(resource);
        }
    }
    pull();
}

void Walk::note_unbegun(Failure why) {
    try {
        if (!begun_) unbegun_ = why;
    } catch (const std::bad_alloc &) { // then its resources say so, one by one
    }
    plan_->abort_waiting(std::move(why.message));
}

void Walk::note_failure(std::size_t resource, const Failure &failure) try {
    note(*plan_, resource, Failure(failure));
} catch (const std::bad_alloc &) {
    plan_->failed(resource, "out of memory");
}

void Walk::give_up(Refusal refusal) {
    try {
        ground_.log->info(
            "{}{} resources refused: {}",
            LogFields{{"target", ground_.target}, {"request", operation_.request_id}, {"operation", to_string(operation_.verb)}},
            size_, printable(to_string(refusal.error), 1000));
    } catch (const std::bad_alloc &) { // the refusal matters more
    }
    ground_.pool.leave();
    refuse(std::move(refusal));
}

} // namespace rsf::daemon
