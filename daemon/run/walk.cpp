// SPDX-License-Identifier: Apache-2.0
#include "run/walk.hpp"

#include "base/text.hpp"
#include "parse/document.hpp"
#include "run/live_objects.hpp"

#include <resourcifier/extensions.h>

#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace rsf::run {

namespace {

using Edges = std::vector<graph::OrderEdge>;

graph::Direction direction_of(drivers::Verb verb) {
    return verb == drivers::Verb::remove ? graph::Direction::dependants_first : graph::Direction::dependencies_first;
}

Refusal refusal_of(const drivers::Failure &failure) {
    return {{failure.code, failure.message, {}, {}}, std::chrono::ceil<std::chrono::seconds>(failure.retry_after)};
}

// Blocks in the driver.
Result<Edges> ask_order(drivers::Driver &driver, const std::string &ns, const std::vector<drivers::Orderable> &resources) {
    Edges edges;
    Result<std::vector<drivers::Before>> order = driver.order(ns, resources);
    if (!order) return order.error();
    edges.reserve(order->size());
    for (drivers::Before &before : *order) edges.push_back({before.first, before.then, std::move(before.why)});
    return edges;
}

} // namespace

Walk::Walk(const Ground &ground, const Ground &ordering, Operation operation, std::stop_token client)
    : ground_(ground), ordering_(ordering), operation_(std::move(operation)), size_(operation_.configuration.resources.size()),
      client_(std::move(client)), secrets_(ordering.driver.secret()), late_twins_(operation_.configuration) {}

std::vector<drivers::Orderable> Walk::orderables() const {
    std::vector<drivers::Orderable> resources;
    resources.reserve(size_);
    for (std::size_t i = 0; i < size_; ++i) {
        const parse::Resource &resource = operation_.configuration.resources[i];
        const bool is_resolved = !deleted_.empty() && deleted_[i].kind == graph::DeletedObject::Kind::resolved;
        resources.push_back(
            {resource.name, resource.type, json_text(is_resolved ? deleted_[i].properties : resource.properties)});
    }
    return resources;
}

void Walk::start() {
    if (const std::optional<drivers::Failure> failure = ground_.pool.enter()) return refuse(refusal_of(*failure));
    const bool elsewhere = &ordering_.pool != &ground_.pool; // which may let nothing in
    if (size_ > 1 || elsewhere)
        order();
    else
        make_plan_for_one();
}

// One resource is in order, and refers to no other.
void Walk::make_plan_for_one() {
    find_deleted_objects([](const parse::Resource &, const boost::json::object &) -> Result<graph::LiveObject> {
        return Error{Code::not_found, "it refers to itself", {}, {}};
    });
    make_plan(Edges());
}

void Walk::order() {
    const bool elsewhere = &ordering_.pool != &ground_.pool;
    if (elsewhere)
        if (const std::optional<drivers::Failure> failure = ordering_.pool.enter()) return give_up(refusal_of(*failure));
    const auto edges = std::make_shared<Result<Edges>>(Edges());
    Job job;
    job.what = "the order of " + std::to_string(size_) + " resources";
    job.request_id = operation_.request_id;
    job.client = client_;
    job.work = [self = shared_from_this(), edges](auto deadline, std::stop_token stop) -> drivers::Answer {
        drivers::Driver &driver = self->ordering_.driver;
        const Operation &operation = self->operation_;
        self->find_deleted_objects(reader_of_live(driver, {operation.ns, operation.request_id, deadline, std::move(stop)}));
        if (driver.offers(RSF_EXT_ORDER)) *edges = ask_order(driver, operation.ns, self->orderables());
        return drivers::Success{};
    };
    job.done = [self = shared_from_this(), edges, elsewhere](const drivers::Answer &answer, bool) {
        if (elsewhere) self->ordering_.pool.leave();
        if (answer)
            self->make_plan(std::move(*edges));
        else
            self->give_up(refusal_of(answer.error()));
    };
    ordering_.pool.submit(std::move(job));
}

void Walk::find_deleted_objects(const graph::ReadLive &read_live) {
    if (operation_.verb == drivers::Verb::remove) deleted_ = graph::deleted_objects(operation_.configuration, read_live);
}

void Walk::make_plan(Result<Edges> edges) {
    const bool deletes = operation_.verb == drivers::Verb::remove;
    if (!edges && !deletes) return give_up({std::move(edges).error(), {}});
    if (!edges) {
        ground_.log->warn(
            "{}{} resources are deleted without the driver's order: {}",
            LogFields{{"target", ground_.target}, {"request", operation_.request_id}, {"operation", to_string(operation_.verb)}},
            size_, printable(to_string(edges.error()), 1000));
        edges = Edges();
    }
    const graph::Direction direction = direction_of(operation_.verb);
    Result<graph::SameObjects> same = find_same_objects(operation_.configuration, direction, *edges);
    if (!same) return give_up({std::move(same).error(), {}});
    Result<graph::Plan> plan = graph::Plan::make(operation_.configuration, direction, *edges, std::move(deleted_));
    if (!plan) return give_up({std::move(plan).error(), {}});
    {
        const std::lock_guard lock(mutex_);
        plan_.emplace(std::move(*plan));
        same_ = std::move(*same);
    }
    pull();
}

// Whatever ends brings on the next: called after the plan was made and after each end.
void Walk::pull() {
    for (std::vector<graph::Step> steps = next_steps(); !steps.empty(); steps = next_steps()) submit(std::move(steps));
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
std::vector<graph::Step> Walk::next_steps() {
    std::vector<graph::Step> steps;
    const std::size_t limit = batch_limit();
    const std::lock_guard lock(mutex_);
    if (finished_ || in_flight_ >= ground_.concurrency) return steps;
    while (steps.size() < limit) {
        std::optional<graph::Step> step = plan_->next_ready();
        if (!step) break;
        if (is_answered(step->resource)) continue;
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
std::shared_ptr<Walk::Batch> Walk::batch_of(std::vector<graph::Step> &steps) {
    auto batch = std::make_shared<Batch>();
    for (graph::Step &step : steps) {
        const parse::Resource &resource = operation_.configuration.resources[step.resource];
        if (step.resolved && operation_.verb != drivers::Verb::remove && ordering_.driver.offers(RSF_EXT_ORDER)) {
            const std::lock_guard lock(mutex_);
            std::vector<std::size_t> twins = late_twins_.of(step.resource, *step.resolved, step.unknown);
            if (!twins.empty()) {
                batch->twins.resize(batch->resources.size() + 1);
                batch->twins.back() = std::move(twins);
            }
        }
        batch->resources.push_back(step.resource);
        batch->unknown.push_back(std::move(step.unknown));
        drivers::Call &call = batch->calls.emplace_back();
        call.verb = operation_.verb;
        call.type = resource.type;
        call.name = resource.name;
        call.ns = operation_.ns;
        call.object = step.resolved ? json_text(*step.resolved) : json_text(resource.properties);
        call.request_id = operation_.request_id;
        call.memory = operation_.memory;
    }
    return batch;
}

void Walk::submit(std::vector<graph::Step> steps) {
    try {
        const std::shared_ptr<Batch> batch = batch_of(steps);
        if (batch->twins.empty())
            submit(batch);
        else
            tell_twins_apart(batch);
    } catch (const std::exception &) {
        const std::lock_guard lock(mutex_);
        --in_flight_;
        for (const graph::Step &step : steps) plan_->failed(step.resource, "out of memory"); // short enough to need none
    }
}

// The driver that says the order knows what makes an object.
void Walk::tell_twins_apart(const std::shared_ptr<Batch> &batch) {
    const bool elsewhere = &ordering_.pool != &ground_.pool;
    batch->refused.resize(batch->twins.size());
    const auto refuse_all = [](Batch &those, const drivers::Failure &why) {
        for (std::size_t i = 0; i < those.twins.size(); ++i)
            if (!those.twins[i].empty()) those.refused[i] = why;
    };
    if (elsewhere)
        if (const std::optional<drivers::Failure> failure = ordering_.pool.enter()) {
            refuse_all(*batch, *failure);
            return submit(batch);
        }
    Job job;
    job.what = "whether resources are one object";
    job.request_id = operation_.request_id;
    job.client = client_;
    job.work = [self = shared_from_this(), batch](auto, std::stop_token) -> drivers::Answer {
        for (std::size_t i = 0; i < batch->twins.size(); ++i) batch->refused[i] = self->same_as_another(*batch, i);
        return drivers::Success{};
    };
    job.done = [self = shared_from_this(), batch, elsewhere, refuse_all](const drivers::Answer &answer, bool) {
        if (elsewhere) self->ordering_.pool.leave();
        if (!answer) refuse_all(*batch, answer.error());
        self->submit(batch);
    };
    ordering_.pool.submit(std::move(job));
}

void Walk::submit(const std::shared_ptr<Batch> &batch) try {
    const std::size_t others = batch->calls.size() - 1;
    Job job;
    job.what = std::string(to_string(operation_.verb)) + " of '" + printable(batch->calls.front().name, 100) + "'" +
               (others == 0 ? "" : " and " + std::to_string(others) + (others == 1 ? " other" : " others"));
    job.request_id = operation_.request_id;
    job.client = client_;
    job.work = [self = shared_from_this(), batch](auto deadline, std::stop_token stop) -> drivers::Answer {
        for (drivers::Call &call : batch->calls) {
            call.deadline = deadline;
            call.stop = stop;
        }
        batch->answers = self->perform_unless_refused(*batch);
        return drivers::Success{};
    };
    job.done = [self = shared_from_this(), batch](drivers::Answer answer, bool begun) {
        self->ended(*batch, std::move(answer), begun);
    };
    ground_.pool.submit(std::move(job));
} catch (const std::exception &) {
    const std::lock_guard lock(mutex_);
    --in_flight_;
    for (const std::size_t resource : batch->resources) plan_->failed(resource, "out of memory"); // short enough to need none
}

// What a reference made the object that another resource is already is left alone: which of the two came last would decide what
// is in the cluster.
std::vector<drivers::Answer> Walk::perform_unless_refused(Batch &batch) {
    if (batch.refused.empty()) return perform(batch);
    std::vector<drivers::Answer> answers(batch.calls.size(), drivers::Success{});
    std::vector<std::size_t> left; // places in batch
    Batch rest;
    for (std::size_t i = 0; i < batch.calls.size(); ++i) {
        if (i < batch.refused.size() && batch.refused[i]) {
            answers[i] = std::move(*batch.refused[i]);
            continue;
        }
        left.push_back(i);
        rest.resources.push_back(batch.resources[i]);
        rest.calls.push_back(std::move(batch.calls[i]));
        rest.unknown.push_back(std::move(batch.unknown[i]));
    }
    if (left.empty()) return answers;
    std::vector<drivers::Answer> performed = perform(rest);
    for (std::size_t i = 0; i < left.size(); ++i) answers[left[i]] = std::move(performed[i]);
    return answers;
}

// Blocks in the driver, if there is anything to ask.
std::optional<drivers::Failure> Walk::same_as_another(const Batch &batch, std::size_t at) {
    if (batch.twins[at].empty()) return std::nullopt;
    const std::vector<parse::Resource> &all = operation_.configuration.resources;
    std::vector<drivers::Orderable> asked;
    const auto add = [&](std::size_t resource) {
        const std::lock_guard lock(mutex_);
        asked.push_back({all[resource].name, all[resource].type, json_text(late_twins_.identity(resource))});
    };
    add(batch.resources[at]);
    for (const std::size_t twin : batch.twins[at]) add(twin);
    const Result<Edges> edges = ask_order(ordering_.driver, operation_.ns, asked);
    if (!edges) return drivers::Failure{edges.error().code, edges.error().message, drivers::Failure::Retry::unknown, {}, nullptr};
    const auto has = [&](std::size_t first, std::size_t then) {
        return std::ranges::any_of(*edges,
                                   [&](const graph::OrderEdge &edge) { return edge.first == first && edge.then == then; });
    };
    for (std::size_t i = 1; i < asked.size(); ++i)
        if (has(0, i) && has(i, 0)) {
            const std::lock_guard lock(mutex_);
            late_twins_.leave_out(batch.resources[at]);
            return drivers::Failure{
                Code::invalid,
                "With its references filled in, it is " +
                    graph::same_object_in_words(late_twins_.identity(batch.resources[at]), all[batch.resources[at]].name) +
                    " as " + in_quotes(asked[i].name) + ": leave one of them out, or give it another name in its metadata",
                drivers::Failure::Retry::never,
                {},
                nullptr};
        }
    return std::nullopt;
}

// Allocates nothing, or survives not getting it: an end that was not noted would be an operation without an end.
// answer: a failure is that of all, and then nobody looks at their own, which a driver that was given up may be writing yet.
void Walk::ended(Batch &batch, drivers::Answer answer, bool begun) {
    {
        const std::lock_guard lock(mutex_);
        --in_flight_;
        begun_ = begun_ || begun;
        if (answer) {
            for (drivers::Answer &each : batch.answers)
                if (!each) each = shown(std::move(each).error());
            for (std::size_t i = 0; i < batch.resources.size(); ++i) {
                keep_for_same(batch.resources[i], batch.answers[i]);
                note(*plan_, batch.resources[i], std::move(batch.answers[i]));
            }
        } else if (begun) {
            answer = shown(std::move(answer).error());
            for (const std::size_t resource : batch.resources) note_failure(resource, answer.error());
        } else {
            note_unbegun(std::move(answer).error());
            for (const std::size_t resource : batch.resources) plan_->not_begun(resource);
        }
    }
    pull();
}

drivers::Failure Walk::shown(drivers::Failure failure) {
    secrets_.hide(failure, operation_.configuration);
    return failure;
}

void Walk::learn_secrets(std::size_t resource, const boost::json::value &object) {
    secrets_.learn_answer(object, operation_.configuration.resources[resource].type);
}

void Walk::note_unbegun(drivers::Failure why) {
    try {
        if (!begun_) unbegun_ = why;
    } catch (const std::bad_alloc &) { // then its resources say so, one by one
    }
    plan_->abort_waiting(std::move(why.message));
}

void Walk::note_failure(std::size_t resource, const drivers::Failure &failure) try {
    keep_for_same(resource, failure);
    note(*plan_, resource, drivers::Failure(failure));
} catch (const std::bad_alloc &) {
    plan_->failed(resource, "out of memory");
}

// answer: of a resource that may stand for others.
void Walk::keep_for_same(std::size_t resource, const drivers::Answer &answer) try {
    if (!same_.empty() && std::ranges::count(same_, same_[resource]) > 1)
        answers_.try_emplace(same_[resource], Kept{resource, answer});
} catch (const std::bad_alloc &) { // then each is asked for by itself
}

// Whether the resource, which was given out, is an object that was answered for already: then that is its answer.
bool Walk::is_answered(std::size_t resource) {
    if (same_.empty()) return false;
    const auto kept = answers_.find(same_[resource]);
    if (kept == answers_.end()) return false;
    try {
        note_same(*plan_, resource, kept->second.resource, drivers::Answer(kept->second.answer));
    } catch (const std::bad_alloc &) {
        plan_->failed(resource, "out of memory"); // short enough to need none
    }
    return true;
}

void Walk::give_up(Refusal refusal) {
    {
        const std::lock_guard lock(mutex_);
        secrets_.hide(refusal.error.message, operation_.configuration);
    }
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

} // namespace rsf::run
