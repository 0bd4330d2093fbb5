// SPDX-License-Identifier: Apache-2.0
//
// A target: a driver instance with its own threads and its own queue, so that one slow cluster never starves another. Makes
// single calls that change nothing (ask); whole operations are carried out on its execution context by run/. Thread-safe, but
// must not be destroyed on one of its own threads. Completion functions are called on one of the target's threads (or, when the
// target refuses at once, on the caller's), exactly once each, and must not block.
#pragma once

#include "base/error.hpp"
#include "base/log.hpp"
#include "config/target_limits.hpp"
#include "drivers/driver.hpp"
#include "metrics/target_metrics.hpp"
#include "targets/execution_context.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace rsf::targets {

struct Health {
    bool ok = true;
    std::string reason;         // when not ok
    boost::json::object driver; // further information of the driver
    std::size_t running = 0;    // calls in the driver now
    std::size_t queued = 0;     // calls that wait for a thread
    std::size_t lost = 0;       // calls given up that never returned
};

class Target;

// A question for a driver's health that was asked.
class HealthQuestion {
  public:
    // Waits for the answer for at most that long since it was asked, since probes wait little; then the last report counts or,
    // after abandon_after, that the driver does not return. Not for threads that must never wait.
    Health answer(std::chrono::milliseconds worth_waiting = std::chrono::milliseconds(500)) const;

  private:
    friend class Target;
    HealthQuestion(std::shared_ptr<const Target> target, std::uint64_t ask) : target_(std::move(target)), ask_(ask) {}
    std::shared_ptr<const Target> target_;
    std::uint64_t ask_;
};

class Target : public std::enable_shared_from_this<Target> {
  public:
    // over: for a driver that makes plans, the target that it plans over. No strategy: over's, or else create-replace. metrics:
    // of its name; null: nothing is counted. It must be held by a shared_ptr.
    static std::unique_ptr<Target> make(std::string name, std::unique_ptr<drivers::Driver> driver, config::TargetLimits limits,
                                        Log log, std::shared_ptr<Target> over = nullptr,
                                        std::optional<config::Strategy> strategy = {},
                                        std::shared_ptr<metrics::TargetMetrics> metrics = nullptr);
    ~Target(); // cancels, and ends the threads; a thread that a driver never gave back is left behind, with its driver

    const std::string &name() const;
    const drivers::Driver &driver() const;
    config::Strategy strategy() const;
    std::chrono::milliseconds answer_within() const; // config::TargetLimits
    const std::shared_ptr<Target> &over() const;     // null: it makes no plans
    // Its metrics; null: none are kept.
    const std::shared_ptr<metrics::TargetMetrics> &metrics() const;
    // For operations on it, which keep the target alive.
    const ExecutionContext &context() const;

    // Why a call of this verb is refused here, if its driver, or the one that it plans for, does not do it.
    std::optional<drivers::Failure> unsupported(drivers::Verb verb) const;
    // Why no operation is admitted at this moment; none: one is.
    std::optional<drivers::Failure> refusal() const;

    // Asks the driver for its health, unless a question is under way, which then answers for this one too. Never waits, so that
    // many targets can be asked at once.
    HealthQuestion ask_health() const;
    // Asks, and waits for the answer.
    Health health() const;
    // With the driver's last report, or that it does not return; none: it has not reported yet. Does not ask, and never waits.
    std::optional<Health> known_health() const;
    // Calls into the driver that were given up and never returned. Does not ask the driver.
    std::size_t lost() const;

    // One call that changes nothing: a list, a get, or a write as a dry run, if the driver promises with rsf.dry_run/1 to have
    // one. Anything else is refused (forbidden). An earlier deadline in call counts. stop: the client went away.
    void ask(drivers::Call call, std::stop_token stop, std::function<void(drivers::Answer)> done);
    // Why call is refused; none: it was admitted and is made with perform_admitted().
    std::optional<drivers::Failure> admit(const drivers::Call &call);
    void perform_admitted(drivers::Call call, std::stop_token stop, std::function<void(drivers::Answer)> done);

    // Refuses new writes from now on, for that reason, and is not ready; reads, plans and what is under way go on. None: takes
    // them again.
    void drain(std::optional<std::string> why);
    std::optional<std::string> drained() const; // why; none: it is not
    // Why a write is refused while it is drained.
    std::optional<drivers::Failure> drain_refusal() const;
    // Refuses new work from now on.
    void close();
    // Asks running calls to end, and gives them up after abandon_after; waiting ones are aborted; new work is refused. For the
    // end of the grace period.
    void cancel();
    // Waits until nothing runs or waits; false when until passed first. Lost calls do not count.
    bool wait_idle(std::chrono::steady_clock::time_point until);
    // Calls once as soon as nothing runs or waits on its threads: now, or later on one of them. Must not wait, nor call back.
    void when_idle(std::function<void()> once);

  private:
    friend class Arrival;
    friend class HealthQuestion;
    class Impl;
    explicit Target(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace rsf::targets
