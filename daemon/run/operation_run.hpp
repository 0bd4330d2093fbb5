// SPDX-License-Identifier: Apache-2.0
//
// The run of one operation: asks a driver for its order (and for a delete, for what identities refer to), makes the schedule, and
// submits each resource to a pool as soon as the schedule says that it is ready; several as one batch, where a derived class
// supports that. What is done with a resource, and what is reported at the end, is up to the derived class. Thread-safe; lives as
// long as any of its jobs.
#pragma once

#include "base/log.hpp"
#include "drivers/driver.hpp"
#include "graph/late_twins.hpp"
#include "graph/same_objects.hpp"
#include "graph/schedule.hpp"
#include "run/observer.hpp"
#include "run/operation.hpp"
#include "run/operation_secrets.hpp"
#include "shared/mutex.hpp"
#include "targets/target.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace rsf::run {

// On which targets an operation is carried out, and who is told. The targets outlive the run.
struct Terms {
    const targets::Target &target;   // whose driver is called for each resource
    const targets::Target &ordering; // whose driver is asked for the order: the same, or what a plan is over
    std::shared_ptr<const Observers> observers;
    std::stop_token client{}; // ends it early: its client left, or cancelled it
};

class OperationRun : public std::enable_shared_from_this<OperationRun> {
  public:
    OperationRun(Terms terms, Operation operation);
    virtual ~OperationRun() = default;

    // Called once. The operation may end on the caller's thread: when a pool refuses it, or there is nothing to call.
    void start();

  protected:
    // Resources that are ready at the same moment, and their results.
    struct Batch {
        std::vector<std::size_t> resources;
        std::vector<drivers::Call> calls;                     // of each
        std::vector<std::vector<std::string>> unknown;        // see Step
        std::vector<std::vector<std::size_t>> twins;          // see LateTwins; up to the last that has any
        std::vector<std::optional<drivers::Failure>> refused; // of each that has twins: why it is not written
        std::vector<drivers::Answer> answers;
    };
    // How many resources may be performed as one.
    virtual std::size_t batch_limit() const { return 1; }
    // On a worker of the target's; may block. Answers each call.
    virtual std::vector<drivers::Answer> perform(const Batch &batch) = 0;
    // A call was answered: passes the result to the schedule. Not called for those that never began. Under the run's lock;
    // survives a lack of memory.
    virtual void note(graph::Schedule &schedule, std::size_t resource, drivers::Answer answer) REQUIRES(mutex_) = 0;
    // The resource is the same object as another one, whose answer this is; no call is made for it. Like note.
    virtual void note_same(graph::Schedule &schedule, std::size_t resource, std::size_t /*other*/, drivers::Answer answer)
        REQUIRES(mutex_) {
        note(schedule, resource, std::move(answer));
    }
    // Of a write that failed and may have happened all the same: how it really ended. On a worker of the target's, in a job of
    // its own; may block until the call's deadline.
    virtual drivers::Answer find_out(std::size_t /*resource*/, const drivers::Call & /*call*/, drivers::Failure failure) {
        return failure;
    }
    // Exactly one of these two is called, once, when nothing is under way. finish announces the end, leaves the pool and reports.
    // refuse only reports: no call was begun, and the rest is done.
    virtual void finish(graph::Schedule schedule) = 0;
    virtual void refuse(drivers::Failure refusal) = 0;
    virtual bool is_plan() const { return false; }

    const targets::ExecutionContext &context() const { return context_; }
    // For announcements of the operation.
    Subject subject() const;
    const Observers &observers() const { return *observers_; }
    const std::stop_token &client() const { return client_; }
    // Whether another resource refers to it. Once the schedule is made.
    bool is_referred_to(std::size_t resource) const { return referred_to_[resource]; }
    Operation &operation() { return operation_; }
    std::size_t size() const { return size_; }
    std::vector<drivers::Orderable> orderables() const;
    // For note(): an object that later failures may quote.
    void learn_secrets(std::size_t resource, const boost::json::value &object) REQUIRES(mutex_);

    shared::Mutex mutex_; // of note() and what it may call

  private:
    // Whether the order is asked of another target's driver than the calls.
    bool orders_elsewhere() const { return &ordering_.pool != &context_.pool; }
    void begin(const std::function<bool()> &prepare);
    std::optional<drivers::Failure> order();
    std::optional<drivers::Failure> submit_ordering(targets::Job job);
    bool make_schedule(Result<std::vector<graph::OrderEdge>> edges);
    bool make_schedule_for_one();
    void find_deleted_objects(const graph::ReadLive &read_live);
    void pull();
    std::vector<graph::Step> next_steps();
    void submit(std::vector<graph::Step> steps);
    void tell_progress(std::size_t resource, std::string_view line) noexcept;
    std::shared_ptr<Batch> batch_of(std::vector<graph::Step> &steps);
    void submit(const std::shared_ptr<Batch> &batch);
    template <class Those, class ResourceOf> void fail_unsubmitted(const Those &those, ResourceOf resource_of);
    void tell_twins_apart(const std::shared_ptr<Batch> &batch);
    std::vector<drivers::Answer> perform_unless_refused(Batch &batch);
    std::optional<drivers::Failure> same_as_another(const Batch &batch, std::size_t at);
    std::int64_t began_ms(std::size_t resource) const;
    void ended(Batch &batch, drivers::Answer answer, bool begun);
    std::shared_ptr<Batch> take_doubtful(Batch &batch) const;
    void find_out(const std::shared_ptr<Batch> &doubtful);
    void noted(Batch &batch, drivers::Answer answer, bool begun);
    void announce_end(Batch &batch, drivers::Answer &answer);
    void note_unbegun(drivers::Failure why) REQUIRES(mutex_);
    void note_failure(std::size_t resource, const drivers::Failure &failure) REQUIRES(mutex_);
    drivers::Failure shown(drivers::Failure failure) REQUIRES(mutex_);
    void keep_for_same(std::size_t resource, const drivers::Answer &answer) REQUIRES(mutex_);
    bool is_answered(std::size_t resource) REQUIRES(mutex_);
    void give_up(drivers::Failure refusal);

    // constant after construction; the configuration until finish()
    const std::shared_ptr<const Observers> observers_;
    const targets::Target &on_;
    const targets::ExecutionContext &context_;
    const targets::ExecutionContext &ordering_;
    Operation operation_;
    const std::size_t size_;
    const std::stop_token client_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();

    std::vector<graph::DeletedObject> deleted_; // of a delete; until the schedule is made, by one thread at a time

    std::vector<bool> referred_to_; // of an operation that is resumed; constant once the schedule is made

    std::optional<graph::Schedule> schedule_ GUARDED_BY(mutex_);
    OperationSecrets secrets_ GUARDED_BY(mutex_);
    graph::SameObjects same_ GUARDED_BY(mutex_);
    graph::LateTwins late_twins_ GUARDED_BY(mutex_);
    struct Kept {
        std::size_t resource;
        drivers::Answer answer;
    };
    // Of objects that stand in the configuration more than once, by the first of them.
    std::map<std::size_t, Kept> answers_ GUARDED_BY(mutex_);
    std::size_t in_flight_ GUARDED_BY(mutex_) = 0;
    bool begun_ GUARDED_BY(mutex_) = false;                      // whether any call was
    std::optional<drivers::Failure> unbegun_ GUARDED_BY(mutex_); // why a call was not, while none was
    bool finished_ GUARDED_BY(mutex_) = false;
};

} // namespace rsf::run
