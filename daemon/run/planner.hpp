// SPDX-License-Identifier: Apache-2.0
//
// An operation that is only planned: a driver with rsf.plan/1 is asked, resource by resource, what would become of each.
#pragma once

#include "run/walk.hpp"

#include <boost/json/object.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace rsf::run {

class Planner final : public Walk {
  public:
    // ground: the driver that plans; over: what is planned over, whose driver says the order. done: told once, after the pools
    // were left. Both grounds outlive the pools' use of this.
    Planner(const Ground &ground, const Ground &over, Operation operation, std::stop_token client,
            std::function<void(PlanReport)> done);

  private:
    std::vector<drivers::Answer> perform(const Batch &batch) override;
    drivers::Answer step(const drivers::Call &call, std::size_t resource, const std::vector<std::string> &unknown);
    void note(graph::Plan &plan, std::size_t resource, drivers::Answer answer) override;
    void note_same(graph::Plan &plan, std::size_t resource, std::size_t other, drivers::Answer answer) override;
    void finish(graph::Plan plan) override;
    void refuse(Refusal refusal) override;

    Result<drivers::Planning *> planning();
    void end();

    const std::function<void(PlanReport)> done_;
    const std::stop_token client_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::vector<PlannedStep> steps_;

    std::atomic<std::size_t> inside_ = 0; // steps that the driver has not returned from
    std::mutex begin_mutex_;
    std::optional<Result<std::unique_ptr<drivers::Planning>>> planning_; // guarded by begin_mutex_ until finish()
};

} // namespace rsf::run
