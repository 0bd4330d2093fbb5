// SPDX-License-Identifier: Apache-2.0
//
// An operation that is carried out, or goes on after a restart: each resource is created, replaced, applied or deleted, and ends
// in a state.
#pragma once

#include "run/operation_run.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rsf::run {

class Executor final : public OperationRun {
  public:
    // done: called once, after the run has left the pool.
    Executor(Terms terms, Operation operation, std::function<void(Report)> done);

  private:
    std::size_t batch_limit() const override { return context().driver.batch_limit(); }
    std::vector<drivers::Answer> perform(const Batch &batch) override;
    void note(graph::Schedule &schedule, std::size_t resource, drivers::Answer answer) override REQUIRES(mutex_);
    void finish(graph::Schedule schedule) override;
    void refuse(drivers::Failure refusal) override;

    drivers::Answer find_out(std::size_t resource, const drivers::Call &call, drivers::Failure failure) override;

    drivers::Answer go_on(std::size_t resource, const drivers::Call &call);
    bool is_bound(const drivers::Call &call) const;
    drivers::Call bound(drivers::Call call, std::string revision) const;
    static drivers::Failure nobody_knows(drivers::Failure failure);
    drivers::Answer answer_of(std::size_t resource, const drivers::Call &call, const parse::State &outcome);
    drivers::Answer end_as(std::size_t resource, parse::State state, drivers::Answer answer);
    bool may_have_been_done(std::size_t resource, const graph::Verdict &verdict);
    parse::State final_state(const graph::Schedule &schedule, std::size_t resource);

    const std::function<void(Report)> done_;
    std::vector<std::optional<parse::State>> states_;                     // of resources whose call was answered
    std::vector<std::optional<parse::State>> settled_ GUARDED_BY(mutex_); // of one that is resumed: instead of answers
    std::size_t dropped_ = 0;                                             // objects that were not kept, for lack of memory
};

} // namespace rsf::run
