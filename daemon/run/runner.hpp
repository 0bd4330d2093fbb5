// SPDX-License-Identifier: Apache-2.0
//
// Carries out what clients request from a target: writes, plans and reads, each announced to the observers. Thread-safe.
// Completion functions are called on one of the target's threads (or, when it refuses at once, on the caller's), exactly once
// each, and must not block. A target outlives what is carried out on it, as long as its pool is not idle (Target).
#pragma once

#include "run/observer.hpp"
#include "run/operation.hpp"
#include "targets/target.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace rsf::run {

class Runner {
  public:
    explicit Runner(std::vector<std::shared_ptr<Observer>> observers = {})
        : observers_(std::make_shared<const Observers>(std::move(observers))) {}

    // Orders, resolves and performs every resource. A client that goes away cancels nothing of it.
    void write(targets::Target &target, Operation operation, std::function<void(Report)> done) const;

    // What the operation would do over planner.over(), without doing it. stop: the client went away.
    void plan(targets::Target &planner, Operation operation, std::stop_token stop, std::function<void(PlanReport)> done) const;

    // A list or a get. stop: the client went away.
    void read(targets::Target &target, drivers::Call call, const Caller &caller, std::stop_token stop,
              std::function<void(drivers::Answer)> done) const;

    // Announces that a write ended before it was begun.
    void withdraw(const targets::Target &target, const Operation &operation, const drivers::Failure &why) const;

    // Why a write, a plan or a read of this verb is refused, whatever else it says; none: it is not.
    std::optional<drivers::Failure> refuse(const targets::Target &target, drivers::Verb verb, std::string_view request_id,
                                           const Caller &caller) const;

  private:
    std::shared_ptr<const Observers> observers_;
};

} // namespace rsf::run
