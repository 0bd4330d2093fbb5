// SPDX-License-Identifier: Apache-2.0
//
// An operation that is only planned: a driver with rsf.plan/1 predicts the result for each resource.
#pragma once

#include "run/operation_run.hpp"
#include "shared/mutex.hpp"

#include <boost/json/object.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace rsf::run {

class Planner final : public OperationRun {
  public:
    // terms: the target whose driver plans, and the one that is planned over, whose driver says the order. done: called once,
    // after the run has left the pools.
    Planner(Terms terms, Operation operation, std::function<void(PlanReport)> done);

  private:
    std::vector<drivers::Answer> perform(const Batch &batch) override;
    drivers::Answer step(const drivers::Call &call, std::size_t resource, const std::vector<std::string> &unknown);
    void note(graph::Schedule &schedule, std::size_t resource, drivers::Answer answer) override REQUIRES(mutex_);
    void note_same(graph::Schedule &schedule, std::size_t resource, std::size_t other, drivers::Answer answer) override
        REQUIRES(mutex_);
    void finish(graph::Schedule schedule) override;
    void refuse(drivers::Failure refusal) override;
    bool is_plan() const override { return true; }

    Result<drivers::Planning *> planning();
    // Takes no lock: a step that was given up may hold it forever.
    void end_planning() NO_THREAD_SAFETY_ANALYSIS;
    void end();

    const std::function<void(PlanReport)> done_;
    std::vector<PlannedStep> steps_;

    std::atomic<std::size_t> inside_ = 0; // steps that the driver has not returned from
    shared::Mutex begin_mutex_;
    std::optional<Result<std::unique_ptr<drivers::Planning>>> planning_ GUARDED_BY(begin_mutex_);
};

} // namespace rsf::run
