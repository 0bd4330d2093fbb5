// SPDX-License-Identifier: Apache-2.0
//
// A target: a driver instance with its own threads and its own queue, so that one slow cluster never starves another. Carries out
// whole operations (write), plans them (plan) and makes single calls that change nothing (ask). Thread-safe, but must not be
// destroyed on one of its own threads. Completion functions are called on one of the target's threads (or, when the target
// refuses at once, on the caller's), exactly once each, and must not block.
#pragma once

#include "base/error.hpp"
#include "base/log.hpp"
#include "drivers/driver.hpp"
#include "metrics/target_metrics.hpp"
#include "parse/configuration.hpp"

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
#include <utility>
#include <vector>

namespace rsf::run {

struct TargetLimits {
    std::size_t concurrency = 16;                   // calls at once; 1 for a driver that is not concurrent
    std::size_t queue = 256;                        // operations and reads that wait or run; one more is refused
    std::chrono::milliseconds timeout{60'000};      // each call to the driver
    std::chrono::milliseconds abandon_after{5'000}; // past its deadline, a call that has not returned is given up

    friend bool operator==(const TargetLimits &, const TargetLimits &) = default;
};

// What a target's POST and PUT do: create and replace, or both apply.
enum class Strategy { create_replace, apply };

std::string_view to_string(Strategy strategy); // "create-replace", "apply"
// None: it is neither of these words.
std::optional<Strategy> strategy_of(std::string_view word);

struct Operation {
    drivers::Verb verb = drivers::Verb::create; // create, replace, apply or remove
    parse::Configuration configuration;
    std::string ns; // the namespace that the client asked for, or empty
    std::string request_id;
    std::shared_ptr<Share> memory{}; // what its answers take is counted there; null: it does not count
};

// A refusal (nothing was touched): invalid (references, cycles), unavailable (queue full, wedged, going down), unsupported (the
// driver does not do this verb), timeout or internal (the driver could not tell its order).
struct Refusal {
    Error error;
    std::chrono::seconds retry_after{}; // for unavailable
};

using Report = boost::system::result<parse::Configuration, Refusal>; // every resource with its final state, in the order posted
[[noreturn]] void throw_exception_from_error(const Refusal &refusal, const boost::source_location &where);

// What a plan says of one resource.
struct PlannedStep {
    std::optional<boost::json::object> step; // as rsf.plan/1 describes it, without its "object"
    std::string reason;                      // none: why nothing can be said
    std::vector<std::size_t> refers_to;      // other resources, by index
};

struct PlanOutcome {
    parse::Configuration configuration; // as posted
    std::vector<PlannedStep> steps;     // one for each resource
};

using PlanReport = boost::system::result<PlanOutcome, Refusal>;

struct Health {
    bool ok = true;
    std::string reason;         // when not ok
    boost::json::object driver; // what else the driver tells people
    std::size_t running = 0;    // calls in the driver now
    std::size_t queued = 0;     // calls that wait for a thread
    std::size_t lost = 0;       // calls given up that never returned
};

class Target;

// That a target's driver was asked how it is.
class HealthQuestion {
  public:
    // Waits until the driver has been asked for that long, since probes wait little; then what it said before counts, and after
    // abandon_after that it does not come back. Not for threads that must never wait.
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
    // of its name; null: nothing is counted.
    static std::shared_ptr<Target> make(std::string name, std::unique_ptr<drivers::Driver> driver, TargetLimits limits, Log log,
                                        std::shared_ptr<Target> over = nullptr, std::optional<Strategy> strategy = {},
                                        std::shared_ptr<metrics::TargetMetrics> metrics = nullptr);
    ~Target(); // cancels, and ends the threads; a thread that a driver never gave back is left behind, with its driver

    const std::string &name() const;
    const drivers::Driver &driver() const;
    Strategy strategy() const;
    // Why a write of this verb is refused here, if its driver, or the one that it plans for, does not do it.
    std::optional<drivers::Failure> unsupported(drivers::Verb verb) const;
    // Why a write of this verb, whose body is not there yet, is refused; none: it may come.
    std::optional<drivers::Failure> refuse(drivers::Verb verb) const;
    // Asks the driver how it is, which promised to say it at once, unless it is being asked already. Never waits, so that many
    // targets can be asked at the same moment, and one question answers all who ask meanwhile.
    HealthQuestion ask_health() const;
    // Asks, and waits for the answer.
    Health health() const;
    // Calls into the driver that were given up and never returned. Asks nobody.
    std::size_t lost() const;

    // Orders, resolves and performs every resource. A client that goes away cancels nothing of it.
    void write(Operation operation, std::function<void(Report)> done);

    // What the operation would do over over(), without doing it. stop: the client went away.
    void plan(Operation operation, std::stop_token stop, std::function<void(PlanReport)> done);
    const std::shared_ptr<Target> &over() const; // null: it makes no plans

    // A list or a get as a client asks for it: one that counts.
    void read(drivers::Call call, std::stop_token stop, std::function<void(drivers::Answer)> done);

    // One call that changes nothing: a list, a get, or a write as a dry run, if the driver promises with rsf.dry_run/1 to have
    // one. Anything else is refused (forbidden), whoever asks. An earlier deadline in call counts. stop: the client went away.
    void ask(drivers::Call call, std::stop_token stop, std::function<void(drivers::Answer)> done);

    // Refuses new work from now on.
    void close();
    // Asks running calls to end, and gives them up after abandon_after; what waits is aborted; new work is refused. For when the
    // grace is over.
    void cancel();
    // Waits until nothing runs or waits; false when until passed first. A driver that does not come back does not count.
    bool wait_idle(std::chrono::steady_clock::time_point until);

  private:
    friend class HealthQuestion;
    class Impl;
    explicit Target(std::unique_ptr<Impl> impl);
    std::optional<drivers::Failure> admit(const drivers::Call &call);
    void make(drivers::Call call, std::stop_token stop, std::function<void(drivers::Answer)> done);
    std::unique_ptr<Impl> impl_;
};

} // namespace rsf::run
