// SPDX-License-Identifier: Apache-2.0
//
// The way through one operation: asks a driver for its order (and for a delete, for what identities refer to), makes the plan,
// and gives each resource to a pool as soon as the plan says that it is ready; several as one, where whoever derives from it can.
// What is done with a resource, and what is said at the end, is for those that derive from it. Thread-safe; lives as long as any
// job of its own.
#pragma once

#include "base/log.hpp"
#include "drivers/driver.hpp"
#include "graph/late_twins.hpp"
#include "graph/plan.hpp"
#include "graph/same_objects.hpp"
#include "metrics/target_metrics.hpp"
#include "run/operation_secrets.hpp"
#include "run/target.hpp"
#include "run/worker_pool.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace rsf::run {

// What calls are made on. Outlives every walk over it; a driver that is stuck in a call outlives even the pool.
struct Ground {
    drivers::Driver &driver;
    WorkerPool &pool;
    std::string target;
    // How many calls one operation may have waiting or running: enough to keep every thread busy, and no more, so that
    // others' calls find their turn.
    std::size_t concurrency;
    Log log;
    std::shared_ptr<metrics::TargetMetrics> metrics; // null: nothing is counted
};

class Walk : public std::enable_shared_from_this<Walk> {
  public:
    // ordering: whose driver is asked for the order; calls are made on ground. client: ends the walk early.
    Walk(const Ground &ground, const Ground &ordering, Operation operation, std::stop_token client = {});
    virtual ~Walk() = default;

    // To be called once. The end may come on the caller's thread: when a pool lets nothing in, or there is nothing to call for.
    void start();

  protected:
    // Resources that are ready at the same moment, and what became of them.
    struct Batch {
        std::vector<std::size_t> resources;
        std::vector<drivers::Call> calls;                     // of each
        std::vector<std::vector<std::string>> unknown;        // see Step
        std::vector<std::vector<std::size_t>> twins;          // see LateTwins; up to the last that has any
        std::vector<std::optional<drivers::Failure>> refused; // of each that twins has: since it is one of them
        std::vector<drivers::Answer> answers;
    };
    // How many resources may be performed as one.
    virtual std::size_t batch_limit() const { return 1; }
    // On a worker of ground's; may block. Answers each call.
    virtual std::vector<drivers::Answer> perform(const Batch &batch) = 0;
    // A call was answered: what the plan is to know of it. Not called for those that never began. Under the walk's lock; survives
    // a lack of memory.
    virtual void note(graph::Plan &plan, std::size_t resource, drivers::Answer answer) = 0;
    // The resource is the same object as another one, whose answer this is; no call is made for it. Like note.
    virtual void note_same(graph::Plan &plan, std::size_t resource, std::size_t /*other*/, drivers::Answer answer) {
        note(plan, resource, std::move(answer));
    }
    // Exactly one of these two is called, once, when nothing is under way: refuse if no call was begun.
    virtual void finish(graph::Plan plan) = 0;
    virtual void refuse(Refusal refusal) = 0;

    const Ground &ground() const { return ground_; }
    Operation &operation() { return operation_; }
    std::size_t size() const { return size_; }
    std::vector<drivers::Orderable> orderables() const;
    // For note(): an object that later failures may quote.
    void learn_secrets(std::size_t resource, const boost::json::value &object);

  private:
    void order();
    void make_plan(Result<std::vector<graph::OrderEdge>> edges);
    void make_plan_for_one();
    void find_deleted_objects(const graph::ReadLive &read_live);
    void pull();
    std::vector<graph::Step> next_steps();
    void submit(std::vector<graph::Step> steps);
    std::shared_ptr<Batch> batch_of(std::vector<graph::Step> &steps);
    void submit(const std::shared_ptr<Batch> &batch);
    void tell_twins_apart(const std::shared_ptr<Batch> &batch);
    std::vector<drivers::Answer> perform_unless_refused(Batch &batch);
    std::optional<drivers::Failure> same_as_another(const Batch &batch, std::size_t at);
    void ended(Batch &batch, drivers::Answer answer, bool begun);
    void note_unbegun(drivers::Failure why);
    void note_failure(std::size_t resource, const drivers::Failure &failure);
    drivers::Failure shown(drivers::Failure failure);
    void keep_for_same(std::size_t resource, const drivers::Answer &answer);
    bool is_answered(std::size_t resource);
    void give_up(Refusal refusal);

    // constant after construction; the configuration until finish()
    const Ground &ground_;
    const Ground &ordering_;
    Operation operation_;
    const std::size_t size_;
    const std::stop_token client_;

    std::vector<graph::DeletedObject> deleted_; // of a delete; until the plan is made, by one thread at a time

    // guarded by mutex_, until finish()
    std::mutex mutex_;
    std::optional<graph::Plan> plan_;
    OperationSecrets secrets_;
    graph::SameObjects same_;
    graph::LateTwins late_twins_;
    struct Kept {
        std::size_t resource;
        drivers::Answer answer;
    };
    std::map<std::size_t, Kept> answers_; // of objects that stand in the configuration more than once, by the first of them
    std::size_t in_flight_ = 0;
    bool begun_ = false;                      // whether any call was
    std::optional<drivers::Failure> unbegun_; // why a call was not, while none was
    bool finished_ = false;
};

} // namespace rsf::run
