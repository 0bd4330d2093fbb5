// SPDX-License-Identifier: Apache-2.0
#include "run/executor.hpp"

#include "base/text.hpp"
#include "run/counting.hpp"
#include "run/object_title.hpp"
#include "run/report.hpp"

#include <new>
#include <utility>

namespace rsf::run {

Executor::Executor(const Ground &ground, Operation operation, std::function<void(Report)> done)
    : Walk(ground, ground, std::move(operation)), done_(std::move(done)), states_(size()) {}

void Executor::note(graph::Plan &plan, std::size_t resource, drivers::Answer answer) {
    states_[resource] = state_of(operation().verb, answer);
    if (!answer) return plan.failed(resource, std::move(answer.error().message));
    learn_secrets(resource, answer->object);
    if (answer->dropped) ++dropped_;
    const bool is_kept =
        plan.succeeded(resource, std::move(answer->object), answer->dropped ? graph::Knowledge::nothing : graph::Knowledge::whole,
                       std::move(answer->selflink));
    if (!is_kept && operation().memory) operation().memory->give_back(answer->counted);
}

void Executor::finish(graph::Plan plan) {
    std::vector<parse::Resource> &resources = operation().configuration.resources;
    for (std::size_t i = 0; i < resources.size(); ++i) resources[i].state = final_state(plan, i);
    log_end(resources);
    try {
        name_objects(resources, operation().ns);
    } catch (const std::bad_alloc &) { // a sentence that names nothing is better than none
    }
    count_write(ground().metrics.get(), operation().verb, resources, std::chrono::steady_clock::now() - began_);
    ground().pool.leave();
    done_(std::move(operation().configuration));
}

void Executor::refuse(Refusal refusal) {
    count_refusal(ground().metrics.get(), operation().verb, refusal.error.code);
    done_(std::move(refusal));
}

parse::State Executor::final_state(const graph::Plan &plan, std::size_t resource) {
    if (states_[resource]) return std::move(*states_[resource]);
    try {
        graph::Verdict verdict = plan.verdict(resource);
        if (verdict.kind == graph::Verdict::Kind::succeeded) return {parse::Status::deleted, {}, {}}; // it can't be there
        return {verdict.kind == graph::Verdict::Kind::aborted ? parse::Status::aborted : parse::Status::failed,
                {std::move(verdict.reason)},
                {}};
    } catch (const std::bad_alloc &) {
        return {parse::Status::failed, {}, {}};
    }
}

void Executor::log_end(const std::vector<parse::Resource> &resources) try {
    for (const parse::Resource &resource : resources) {
        if (resource.state->status != parse::Status::failed || resource.state->errors.empty()) continue;
        ground().log->warn(
            "{}'{}' ({}) failed: {}",
            LogFields{
                {"target", ground().target}, {"request", operation().request_id}, {"operation", to_string(operation().verb)}},
            printable(resource.name, 100), printable(resource.type, 100), printable(resource.state->errors.front(), 500));
    }
    if (dropped_ != 0)
        ground().log->warn(
            "{}{} objects that the driver answered with were not taken, since requests and answers took as much memory as they "
            "may (limits.bodies); the resources are as their states say",
            LogFields{
                {"target", ground().target}, {"request", operation().request_id}, {"operation", to_string(operation().verb)}},
            dropped_);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
    ground().log->info(
        "{}{} resources took {} ms: {}",
        LogFields{{"target", ground().target}, {"request", operation().request_id}, {"operation", to_string(operation().verb)}},
        resources.size(), took.count(), tally(resources));
} catch (const std::bad_alloc &) { // the report matters more
}

} // namespace rsf::run
