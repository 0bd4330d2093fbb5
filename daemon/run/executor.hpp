// SPDX-License-Identifier: Apache-2.0
//
// An operation that is carried out: each resource is created, replaced, applied or deleted, and ends in a state.
#pragma once

#include "run/walk.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace rsf::run {

class Executor final : public Walk {
  public:
    // done: told once, after the pool was left. ground outlives the pool's use of this.
    Executor(const Ground &ground, Operation operation, std::function<void(Report)> done);

  private:
    std::size_t batch_limit() const override { return ground().driver.batch_limit(); }
    std::vector<drivers::Answer> perform(const Batch &batch) override { return ground().driver.perform_all(batch.calls); }
    void note(graph::Plan &plan, std::size_t resource, drivers::Answer answer) override;
    void finish(graph::Plan plan) override;
    void refuse(Refusal refusal) override;

    parse::State final_state(const graph::Plan &plan, std::size_t resource);
    void log_end(const std::vector<parse::Resource> &resources);

    const std::function<void(Report)> done_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::vector<std::optional<parse::State>> states_; // of resources whose call was answered
    std::size_t dropped_ = 0;                         // objects that were not taken
};

} // namespace rsf::run
