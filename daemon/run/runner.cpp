// SPDX-License-Identifier: Apache-2.0
#include "run/runner.hpp"

#include "run/executor.hpp"
#include "run/planner.hpp"

#include <chrono>
#include <utility>

namespace rsf::run {

namespace {

Subject subject_of(const targets::Target &target, const Operation &operation, bool is_plan) {
    return {target,
            operation.verb,
            is_plan,
            operation.ns,
            operation.request_id,
            operation.caller,
            operation.configuration.resources.size(),
            std::chrono::steady_clock::now(),
            operation.id};
}

} // namespace

void Runner::write(targets::Target &target, Operation operation, std::function<void(Report)> done) const {
    std::optional<drivers::Failure> failure;
    if (!operation.has_entered) failure = target.drain_refusal(); // what was accepted before goes on
    if (!failure) failure = target.unsupported(operation.verb);
    if (failure) {
        observers_->ended(subject_of(target, operation, false), {.refusal = &*failure});
        if (operation.has_entered) target.context().pool.leave();
        return done(std::move(*failure));
    }
    std::stop_token cancel = operation.cancel;
    std::make_shared<Executor>(Terms{target, target, observers_, std::move(cancel)}, std::move(operation), std::move(done))
        ->start();
}

void Runner::plan(targets::Target &planner, Operation operation, std::stop_token stop,
                  std::function<void(PlanReport)> done) const {
    if (std::optional<drivers::Failure> failure = planner.unsupported(operation.verb)) {
        observers_->ended(subject_of(planner, operation, true), {.refusal = &*failure});
        return done(std::move(*failure));
    }
    std::make_shared<Planner>(Terms{planner, *planner.over(), observers_, std::move(stop)}, std::move(operation), std::move(done))
        ->start();
}

void Runner::read(targets::Target &target, drivers::Call call, const Caller &caller, std::stop_token stop,
                  std::function<void(drivers::Answer)> done) const {
    const auto began = std::chrono::steady_clock::now();
    if (std::optional<drivers::Failure> failure = target.admit(call)) {
        observers_->ended({target, call.verb, false, call.ns, call.request_id, caller, 0, began, {}}, {.refusal = &*failure});
        return done(std::move(*failure));
    }
    const auto announced = [observers = observers_, &target, verb = call.verb, ns = call.ns, request_id = call.request_id, caller,
                            began, done = std::move(done)](drivers::Answer answer) {
        observers->ended({target, verb, false, ns, request_id, caller, 0, began, {}}, {.answer = &answer});
        done(std::move(answer));
    };
    target.perform_admitted(std::move(call), std::move(stop), announced);
}

void Runner::withdraw(const targets::Target &target, const Operation &operation, const drivers::Failure &why) const {
    observers_->ended(subject_of(target, operation, false), {.refusal = &why});
}

std::optional<drivers::Failure> Runner::refuse(const targets::Target &target, drivers::Verb verb, std::string_view request_id,
                                               const Caller &caller) const {
    std::optional<drivers::Failure> failure = target.refusal();
    const bool writes = !target.over() && verb != drivers::Verb::list && verb != drivers::Verb::get;
    if (!failure && writes) failure = target.drain_refusal();
    if (!failure) return failure;
    observers_->ended({target, verb, target.over() != nullptr, {}, request_id, caller, 0, std::chrono::steady_clock::now(), {}},
                      {.refusal = &*failure});
    return failure;
}

} // namespace rsf::run
