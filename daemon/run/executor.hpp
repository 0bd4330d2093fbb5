// SPDX-License-Identifier: Apache-2.0
//
// One operation being carried out: asks the driver for its order, makes the plan, and gives each resource to the pool as soon as
// the plan says that it is ready. Thread-safe; lives as long as any job of its own.
#pragma once

#include "drivers/driver.hpp"
#include "log.hpp"
#include "plan/plan.hpp"
#include "run/target.hpp"
#include "run/worker_pool.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rsf::daemon {

class Executor : public std::enable_shared_from_this<Executor> {
  public:
    // What the operation runs on. Outlives every executor; a driver that is stuck in a call outlives even the pool.
    struct Ground {
        Driver &driver;
        WorkerPool &pool;
        std::string target;
        // How many calls one operation may have waiting or running: enough to keep every thread busy, and no more, so that
        // others' calls find their turn.
        std::size_t concurrency;
        Log log;
    };

    // done: told once, after the pool was left. ground outlives the pool's use of this.
    Executor(const Ground &ground, Operation operation, std::function<void(Report)> done);

    // To be called once. done is told on the caller's thread when the pool lets nothing in.
    void start();

  private:
    using Orders = std::vector<OrderEdge>;

    void make_plan(Result<Orders> orders);
    void pull();
    std::optional<Step> next_step();
    void submit(Step step);
    void ended(std::size_t resource, Answer answer, bool begun);
    void refuse(Refusal refusal);
    void finish();
    State final_state(std::size_t resource);
    void log_end(const std::vector<Resource> &resources) const;

    // constant after construction; the configuration until finish()
    const Ground &ground_;
    Operation operation_;
    const std::function<void(Report)> done_;
    bool entered_ = false;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();

    // guarded by mutex_, until finish()
    std::mutex mutex_;
    std::optional<Plan> plan_;
    std::vector<std::optional<State>> states_; // of resources whose call was answered
    std::size_t in_flight_ = 0;
    bool finished_ = false;
};

} // namespace rsf::daemon
