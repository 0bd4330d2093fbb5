// SPDX-License-Identifier: Apache-2.0
#include "run/operation_run.hpp"

#include "base/text.hpp"
#include "parse/document.hpp"
#include "run/live_objects.hpp"

#include <resourcifier/extensions.h>

#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <new>
#include <utility>

namespace rsf::run {

namespace {

using Edges = std::vector<graph::OrderEdge>;

graph::Direction direction_of(drivers::Verb verb) {
    return verb == drivers::Verb::remove ? graph::Direction::dependants_first : graph::Direction::dependencies_first;
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

OperationRun::OperationRun(Terms terms, Operation operation)
    : observers_(std::move(terms.observers)), on_(terms.target), context_(on_.context()), ordering_(terms.ordering.context()),
      operation_(std::move(operation)), size_(operation_.configuration.resources.size()), client_(std::move(terms.client)),
      secrets_(ordering_.driver.secret()), late_twins_(operation_.configuration) {}

std::vector<drivers::Orderable> OperationRun::orderables() const {
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

// 0: times don't tell.
std::int64_t OperationRun::began_ms(std::size_t resource) const {
    if (resource < operation_.just_written.size() && operation_.just_written[resource]) return 0;
    const auto began = operation_.resumption ? operation_.resumption->began : operation_.began;
    return std::chrono::duration_cast<std::chrono::milliseconds>(began.time_since_epoch()).count();
}

Subject OperationRun::subject() const {
    return {on_,   operation_.verb, is_plan(),    operation_.ns, operation_.request_id, operation_.caller,
            size_, began_,          operation_.id};
}

void OperationRun::start() {
    std::optional<drivers::Failure> refusal;
    if (!operation_.has_entered) refusal = context_.pool.enter();
    if (refusal) {
        observers_->ended(subject(), {.refusal = &*refusal});
        return refuse(std::move(*refusal));
    }
    begin([this] {
        std::optional<drivers::Failure> failure = observers_->admitted(subject());
        if (!failure && size_ <= 1 && !orders_elsewhere()) return make_schedule_for_one();
        if (!failure) failure = order();
        if (failure) give_up(std::move(*failure));
        return false;
    });
}

// prepare: whether the schedule is made now. What it throws for lack of memory ends the operation, of which nothing was done.
void OperationRun::begin(const std::function<bool()> &prepare) {
    try {
        if (!prepare()) return;
    } catch (const std::exception &error) {
        {
            const shared::Lock lock(mutex_);
            if (finished_) throw;
        }
        return give_up(internal(std::string("the operation could not begin: ") + error.what()));
    }
    pull();
}

// One resource is in order, and refers to no other.
bool OperationRun::make_schedule_for_one() {
    find_deleted_objects([](const parse::Resource &, const boost::json::object &) -> Result<graph::LiveObject> {
        return not_found("it refers to itself");
    });
    return make_schedule(Edges());
}

// Submits a job to the pool of the target that orders, which is entered for it where it is another target's. Why that refuses.
std::optional<drivers::Failure> OperationRun::submit_ordering(targets::Job job) {
    if (!orders_elsewhere()) {
        ordering_.pool.submit(std::move(job));
        return std::nullopt;
    }
    if (std::optional<drivers::Failure> failure = ordering_.pool.enter()) return failure;
    try {
        job.done = [&pool = ordering_.pool, done = std::move(job.done)](drivers::Answer answer, bool begun) {
            pool.leave();
            done(std::move(answer), begun);
        };
        ordering_.pool.submit(std::move(job));
    } catch (...) {
        ordering_.pool.leave();
        throw;
    }
    return std::nullopt;
}

// The schedule is made when the driver has answered.
std::optional<drivers::Failure> OperationRun::order() {
    const auto edges = std::make_shared<Result<Edges>>(Edges());
    targets::Job job;
    job.what = "the order of " + std::to_string(size_) + " resources";
    job.request_id = operation_.request_id;
    job.client = client_;
    job.is_cancelled_by_client = !is_plan();
    job.work = [self = shared_from_this(), edges](auto deadline, std::stop_token stop) -> drivers::Answer {
        drivers::Driver &driver = self->ordering_.driver;
        const Operation &operation = self->operation_;
        self->find_deleted_objects(reader_of_live(driver, {operation.ns, operation.request_id, deadline, std::move(stop)}));
        if (driver.offers(RSF_EXT_ORDER)) *edges = ask_order(driver, operation.ns, self->orderables());
        return drivers::Success{};
    };
    job.done = [self = shared_from_this(), edges](drivers::Answer answer, bool) {
        self->begin([&] {
            if (answer) return self->make_schedule(std::move(*edges));
            self->give_up(std::move(answer).error());
            return false;
        });
    };
    return submit_ordering(std::move(job));
}

void OperationRun::find_deleted_objects(const graph::ReadLive &read_live) {
    if (operation_.verb == drivers::Verb::remove) deleted_ = graph::deleted_objects(operation_.configuration, read_live);
}

// Whether there is one; else the operation has ended.
bool OperationRun::make_schedule(Result<Edges> edges) {
    const auto refused = [this](Error error) {
        give_up(std::move(error));
        return false;
    };
    const bool deletes = operation_.verb == drivers::Verb::remove;
    if (!edges && !deletes) return refused(std::move(edges).error());
    if (!edges) {
        context_.log->warn(
            "{}{} resources are deleted without the driver's order: {}",
            LogFields{{"target", context_.target}, {"request", operation_.request_id}, {"operation", to_string(operation_.verb)}},
            size_, printable(in_one_line(edges.error()), 1000));
        edges = Edges();
    }
    const graph::Direction direction = direction_of(operation_.verb);
    Result<graph::SameObjects> same = find_same_objects(operation_.configuration, direction, *edges);
    if (!same) return refused(std::move(same).error());
    Result<graph::Schedule> schedule = graph::Schedule::make(operation_.configuration, direction, *edges, std::move(deleted_));
    if (!schedule) return refused(std::move(schedule).error());
    if (operation_.resumption) {
        referred_to_.resize(size_);
        for (std::size_t i = 0; i < size_; ++i)
            for (const std::size_t other : schedule->refers_to(i)) referred_to_[other] = true;
    }
    const shared::Lock lock(mutex_);
    schedule_.emplace(std::move(*schedule));
    same_ = std::move(*same);
    return true;
}

// Submits what is ready: called after the schedule was made and after each end.
void OperationRun::pull() {
    for (std::vector<graph::Step> steps = next_steps(); !steps.empty(); steps = next_steps()) submit(std::move(steps));
    std::optional<drivers::Failure> refusal;
    std::optional<graph::Schedule> schedule;
    {
        const shared::Lock lock(mutex_);
        if (finished_ || schedule_->more_to_do()) return;
        finished_ = true;
        try {
            if (unbegun_ && !begun_) refusal = *unbegun_; // nothing was done: the client may repeat it
        } catch (const std::bad_alloc &) {                // then its resources say so, one by one
        }
        schedule = std::move(schedule_);
    }
    if (refusal) return give_up(std::move(*refusal));
    finish(std::move(*schedule));
}

// The steps that are ready now and may be one batch. Never waits for more: the end of a running step brings more.
std::vector<graph::Step> OperationRun::next_steps() {
    std::vector<graph::Step> steps;
    const std::size_t limit = batch_limit();
    const shared::Lock lock(mutex_);
    if (finished_ || in_flight_ >= context_.concurrency) return steps;
    while (steps.size() < limit) {
        std::optional<graph::Step> step = schedule_->next_ready();
        if (!step) break;
        if (is_answered(step->resource)) continue;
        try {
            steps.push_back(std::move(*step));
        } catch (const std::bad_alloc &) {
            schedule_->failed(step->resource, "out of memory"); // short enough to need none
        }
    }
    if (!steps.empty()) ++in_flight_;
    return steps;
}

// Moves everything except the resources' numbers out of steps.
std::shared_ptr<OperationRun::Batch> OperationRun::batch_of(std::vector<graph::Step> &steps) {
    auto batch = std::make_shared<Batch>();
    for (graph::Step &step : steps) {
        const parse::Resource &resource = operation_.configuration.resources[step.resource];
        if (step.resolved && operation_.verb != drivers::Verb::remove && ordering_.driver.offers(RSF_EXT_ORDER)) {
            const shared::Lock lock(mutex_);
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
        call.operation = operation_.id;
        call.step = static_cast<std::uint32_t>(step.resource);
        call.began_ms = began_ms(step.resource);
        call.memory = operation_.memory;
        if (!operation_.id.empty())
            call.progress = [weak = weak_from_this(), resource = step.resource](std::string_view line) {
                if (const auto self = weak.lock()) self->tell_progress(resource, line);
            };
    }
    return batch;
}

void OperationRun::submit(std::vector<graph::Step> steps) {
    try {
        const std::shared_ptr<Batch> batch = batch_of(steps);
        if (batch->twins.empty())
            submit(batch);
        else
            tell_twins_apart(batch);
    } catch (const std::exception &) {
        fail_unsubmitted(steps, &graph::Step::resource);
    }
}

// For lack of memory. resource_of: for each of those.
template <class Those, class ResourceOf> void OperationRun::fail_unsubmitted(const Those &those, ResourceOf resource_of) {
    const shared::Lock lock(mutex_);
    --in_flight_;
    for (const auto &each : those)
        schedule_->failed(std::invoke(resource_of, each), "out of memory"); // short enough to need none
}

// The driver that orders the objects knows which of them are the same.
void OperationRun::tell_twins_apart(const std::shared_ptr<Batch> &batch) {
    batch->refused.resize(batch->twins.size());
    const auto refuse_all = [batch](const drivers::Failure &why) {
        for (std::size_t i = 0; i < batch->twins.size(); ++i)
            if (!batch->twins[i].empty()) batch->refused[i] = why;
    };
    targets::Job job;
    job.what = "whether resources are one object";
    job.request_id = operation_.request_id;
    job.client = client_;
    job.is_cancelled_by_client = !is_plan();
    job.work = [self = shared_from_this(), batch](auto, std::stop_token) -> drivers::Answer {
        for (std::size_t i = 0; i < batch->twins.size(); ++i) batch->refused[i] = self->same_as_another(*batch, i);
        return drivers::Success{};
    };
    job.done = [self = shared_from_this(), batch, refuse_all](const drivers::Answer &answer, bool) {
        try {
            if (!answer) refuse_all(answer.error());
            self->submit(batch);
        } catch (const std::exception &) {
            self->fail_unsubmitted(batch->resources, std::identity());
        }
        self->pull(); // if they failed, nothing else does
    };
    if (const std::optional<drivers::Failure> failure = submit_ordering(std::move(job))) {
        refuse_all(*failure);
        submit(batch);
    }
}

void OperationRun::submit(const std::shared_ptr<Batch> &batch) {
    const std::size_t others = batch->calls.size() - 1;
    targets::Job job;
    job.what = std::string(to_string(operation_.verb)) + " of '" + printable(batch->calls.front().name, 100) + "'" +
               (others == 0 ? "" : " and " + std::to_string(others) + (others == 1 ? " other" : " others"));
    job.request_id = operation_.request_id;
    job.client = client_;
    job.is_cancelled_by_client = !is_plan();
    job.work = [self = shared_from_this(), batch](auto deadline, std::stop_token stop) -> drivers::Answer {
        for (drivers::Call &call : batch->calls) {
            call.deadline = deadline;
            call.stop = stop;
        }
        for (const std::size_t resource : batch->resources) self->observers_->step_begun(self->subject(), resource);
        batch->answers = self->perform_unless_refused(*batch);
        return drivers::Success{};
    };
    job.done = [self = shared_from_this(), batch](drivers::Answer answer, bool begun) {
        self->ended(*batch, std::move(answer), begun);
    };
    context_.pool.submit(std::move(job));
}

// A resource that a reference turned into the same object as another one is not written: the last of the two would decide what is
// in the cluster.
std::vector<drivers::Answer> OperationRun::perform_unless_refused(Batch &batch) {
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
        rest.calls.push_back(batch.calls[i]); // they are needed again if their effect is not known afterwards
        rest.unknown.push_back(std::move(batch.unknown[i]));
    }
    if (left.empty()) return answers;
    std::vector<drivers::Answer> performed = perform(rest);
    for (std::size_t i = 0; i < left.size(); ++i) answers[left[i]] = std::move(performed[i]);
    return answers;
}

// Blocks in the driver, if there is anything to ask.
std::optional<drivers::Failure> OperationRun::same_as_another(const Batch &batch, std::size_t at) {
    if (batch.twins[at].empty()) return std::nullopt;
    const std::vector<parse::Resource> &all = operation_.configuration.resources;
    std::vector<drivers::Orderable> asked;
    const auto add = [&](std::size_t resource) {
        const shared::Lock lock(mutex_);
        asked.push_back({all[resource].name, all[resource].type, json_text(late_twins_.identity(resource))});
    };
    add(batch.resources[at]);
    for (const std::size_t twin : batch.twins[at]) add(twin);
    const Result<Edges> edges = ask_order(ordering_.driver, operation_.ns, asked);
    if (!edges) return drivers::Failure(edges.error());
    const auto has = [&](std::size_t first, std::size_t then) {
        return std::ranges::any_of(*edges,
                                   [&](const graph::OrderEdge &edge) { return edge.first == first && edge.then == then; });
    };
    for (std::size_t i = 1; i < asked.size(); ++i)
        if (has(0, i) && has(i, 0)) {
            const shared::Lock lock(mutex_);
            late_twins_.leave_out(batch.resources[at]);
            return drivers::permanent(
                invalid("With its references filled in, it is " +
                        graph::same_object_in_words(late_twins_.identity(batch.resources[at]), all[batch.resources[at]].name) +
                        " as " + in_quotes(asked[i].name) + ": leave one of them out, or give it another name in its metadata"));
        }
    return std::nullopt;
}

// The end is announced first: nothing keeps the target after its pool is left, where this is a thread of another one.
void OperationRun::give_up(drivers::Failure refusal) {
    {
        const shared::Lock lock(mutex_);
        finished_ = true;
        secrets_.hide(refusal.message, operation_.configuration);
    }
    observers_->ended(subject(), {.refusal = &refusal});
    context_.pool.leave();
    refuse(std::move(refusal));
}

} // namespace rsf::run
