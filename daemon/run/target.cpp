// SPDX-License-Identifier: Apache-2.0
#include "run/target.hpp"

#include "base/text.hpp"
#include "run/counting.hpp"
#include "run/executor.hpp"
#include "run/health_watch.hpp"
#include "run/planner.hpp"
#include "run/worker_pool.hpp"

#include <resourcifier/extensions.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace rsf::run {

namespace {

std::string in_words(const drivers::Driver &driver, const std::string &target) {
    return "driver '" + driver.descriptor().name + "' of target '" + target + "'";
}

std::optional<drivers::Failure> unsupported(const drivers::Descriptor &descriptor, drivers::Verb verb) {
    if ((descriptor.capabilities >> static_cast<unsigned>(verb)) & 1) return std::nullopt;
    std::string message = "driver '" + descriptor.name + "' does not do " + std::string(to_string(verb)) + "; it does ";
    const std::vector<std::string> able = drivers::capability_names(descriptor.capabilities);
    for (std::size_t i = 0; i < able.size(); ++i) message += (i == 0 ? "" : ", ") + able[i];
    if (able.empty()) message += "nothing";
    return drivers::Failure{Code::unsupported, std::move(message), drivers::Failure::Retry::never, {}, nullptr};
}

bool may_write(const drivers::Call &call, bool has_dry_run) {
    return call.verb != drivers::Verb::list && call.verb != drivers::Verb::get && !(call.dry_run && has_dry_run);
}

drivers::Failure writing_refused(const drivers::Call &call, const drivers::Driver &driver) {
    const std::string what = "a plan may change nothing, and this " + std::string(to_string(call.verb)) + " would: ";
    return {Code::forbidden,
            what + (call.dry_run ? "driver '" + driver.descriptor().name + "' has no dry run" : "it is no dry run"),
            drivers::Failure::Retry::never,
            {},
            nullptr};
}

} // namespace

std::string_view to_string(Strategy strategy) { return strategy == Strategy::apply ? "apply" : "create-replace"; }

std::optional<Strategy> strategy_of(std::string_view word) {
    for (const Strategy strategy : {Strategy::create_replace, Strategy::apply})
        if (word == to_string(strategy)) return strategy;
    return std::nullopt;
}

class Target::Impl {
  public:
    Impl(std::string name, std::unique_ptr<drivers::Driver> driver, TargetLimits limits, Log log, std::shared_ptr<Target> over,
         std::optional<Strategy> strategy, std::shared_ptr<metrics::TargetMetrics> metrics)
        : over_(std::move(over)), strategy_(strategy.value_or(over_ ? over_->strategy() : Strategy::create_replace)),
          has_dry_run_(driver->offers(RSF_EXT_DRY_RUN)), driver_(std::move(driver)), log_(std::move(log)),
          pool_({.target = name,
                 .who = in_words(*driver_, name),
                 .threads = driver_->is_concurrent() ? std::max<std::size_t>(limits.concurrency, 1) : 1,
                 .concurrent = driver_->is_concurrent(),
                 .admitted = limits.queue,
                 .timeout = limits.timeout,
                 .abandon_after = limits.abandon_after},
                log_),
          ground_{*driver_, pool_, std::move(name), pool_.threads(), log_, std::move(metrics)},
          health_([driver = driver_.get()] { return driver->health(); }, "driver '" + driver_->descriptor().name + "'",
                  limits.abandon_after),
          watch_(ground_.metrics ? ground_.metrics->watch([this] { return now(); }) : nullptr) {}

    // A driver that some thread is still in can't be destroyed, now or ever.
    ~Impl() {
        watch_.reset();
        if (!pool_.stop()) static_cast<void>(driver_.release());
    }

    std::size_t lost() const { return pool_.counts().lost + (health_.is_overdue() ? 1 : 0); }

    const std::shared_ptr<Target> over_;
    const Strategy strategy_;
    const bool has_dry_run_;
    std::unique_ptr<drivers::Driver> driver_;
    const Log log_;
    WorkerPool pool_;
    const Ground ground_;
    HealthWatch health_; // after driver_, which it asks

  private:
    // Waits for nobody.
    metrics::TargetNow now() {
        const WorkerPool::Counts counts = pool_.counts();
        metrics::TargetNow now{counts.queued, counts.running, lost(), {}, driver_->process()};
        const bool only_plans_for_another = over_ && over_->name() == ground_.target;
        if (!only_plans_for_another) now.ready = !pool_.closed_because() && health_.said().ok;
        return now;
    }

    std::shared_ptr<void> watch_; // last: it looks at the others
};

std::shared_ptr<Target> Target::make(std::string name, std::unique_ptr<drivers::Driver> driver, TargetLimits limits, Log log,
                                     std::shared_ptr<Target> over, std::optional<Strategy> strategy,
                                     std::shared_ptr<metrics::TargetMetrics> metrics) {
    return std::shared_ptr<Target>(new Target(std::make_unique<Impl>(std::move(name), std::move(driver), limits, std::move(log),
                                                                     std::move(over), strategy, std::move(metrics))));
}

Target::Target(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Target::~Target() = default;

const std::string &Target::name() const { return impl_->ground_.target; }

const drivers::Driver &Target::driver() const { return *impl_->driver_; }

Strategy Target::strategy() const { return impl_->strategy_; }

std::optional<drivers::Failure> Target::unsupported(drivers::Verb verb) const {
    return run::unsupported((over() ? *over() : *this).driver().descriptor(), verb);
}

std::optional<drivers::Failure> Target::refuse(drivers::Verb verb) const {
    std::optional<drivers::Failure> failure = impl_->pool_.refusal();
    if (failure) count_refusal(impl_->ground_.metrics.get(), verb, failure->code);
    return failure;
}

HealthQuestion Target::ask_health() const { return {shared_from_this(), impl_->health_.ask(shared_from_this())}; }

Health Target::health() const { return ask_health().answer(); }

Health HealthQuestion::answer(std::chrono::milliseconds worth_waiting) const {
    const Target::Impl &target = *target_->impl_;
    const WorkerPool::Counts counts = target.pool_.counts();
    const std::optional<std::string> closed = target.pool_.closed_because();
    drivers::DriverHealth said = target.health_.said(ask_, worth_waiting);
    std::string reason = closed.value_or("");
    if (!said.ok) reason += (closed ? "; " : "") + said.reason;
    return {!closed && said.ok, std::move(reason), std::move(said.more), counts.running, counts.queued, target.lost()};
}

std::size_t Target::lost() const { return impl_->lost(); }

void Target::write(Operation operation, std::function<void(Report)> done) {
    if (std::optional<drivers::Failure> failure = run::unsupported(impl_->driver_->descriptor(), operation.verb)) {
        count_refusal(impl_->ground_.metrics.get(), operation.verb, failure->code);
        return done(Refusal{{failure->code, std::move(failure->message), {}, {}}, {}});
    }
    std::make_shared<Executor>(impl_->ground_, std::move(operation), std::move(done))->start();
}

const std::shared_ptr<Target> &Target::over() const { return impl_->over_; }

void Target::plan(Operation operation, std::stop_token stop, std::function<void(PlanReport)> done) {
    if (std::optional<drivers::Failure> failure = unsupported(operation.verb)) {
        count_refusal(impl_->ground_.metrics.get(), operation.verb, failure->code);
        return done(Refusal{{failure->code, std::move(failure->message), {}, {}}, {}});
    }
    std::make_shared<Planner>(impl_->ground_, over()->impl_->ground_, std::move(operation), std::move(stop), std::move(done))
        ->start();
}

void Target::read(drivers::Call call, std::stop_token stop, std::function<void(drivers::Answer)> done) {
    const std::shared_ptr<metrics::TargetMetrics> &metrics = impl_->ground_.metrics;
    const drivers::Verb verb = call.verb;
    if (std::optional<drivers::Failure> failure = admit(call)) {
        count_refusal(metrics.get(), verb, failure->code);
        return done(std::move(*failure));
    }
    if (!metrics) return make(std::move(call), std::move(stop), std::move(done));
    const auto counted = [metrics, verb, began = std::chrono::steady_clock::now(),
                          done = std::move(done)](drivers::Answer answer) {
        count_read(metrics.get(), verb, answer, std::chrono::steady_clock::now() - began);
        done(std::move(answer));
    };
    make(std::move(call), std::move(stop), counted);
}

void Target::ask(drivers::Call call, std::stop_token stop, std::function<void(drivers::Answer)> done) {
    if (std::optional<drivers::Failure> failure = admit(call)) return done(std::move(*failure));
    make(std::move(call), std::move(stop), std::move(done));
}

// One call is let in, or there is a reason why not.
std::optional<drivers::Failure> Target::admit(const drivers::Call &call) {
    if (std::optional<drivers::Failure> failure = run::unsupported(impl_->driver_->descriptor(), call.verb)) return failure;
    if (may_write(call, impl_->has_dry_run_)) return writing_refused(call, *impl_->driver_);
    return impl_->pool_.enter();
}

void Target::make(drivers::Call call, std::stop_token stop, std::function<void(drivers::Answer)> done) {
    Job job;
    job.what = std::string(to_string(call.verb)) + " of '" + printable(call.type, 100) +
               (call.name.empty() ? "" : "/" + printable(call.name, 100)) + "'";
    job.request_id = call.request_id;
    job.client = std::move(stop);
    job.work = [call = std::make_shared<drivers::Call>(std::move(call)), &driver = *impl_->driver_](auto deadline,
                                                                                                    std::stop_token token) {
        const bool given = call->deadline != std::chrono::steady_clock::time_point{};
        call->deadline = given ? std::min(call->deadline, deadline) : deadline;
        call->stop = std::move(token);
        return driver.perform(*call);
    };
    job.done = [&pool = impl_->pool_, done = std::move(done)](drivers::Answer answer, bool) {
        pool.leave();
        done(std::move(answer));
    };
    impl_->pool_.submit(std::move(job));
}

void Target::close() { impl_->pool_.close(); }
void Target::cancel() { impl_->pool_.cancel(); }
bool Target::wait_idle(std::chrono::steady_clock::time_point until) {
    return impl_->pool_.wait_idle(until) && impl_->health_.wait_idle(until);
}

void throw_exception_from_error(const Refusal &refusal, const boost::source_location &where) {
    throw std::logic_error("an unchecked refusal at " + where.to_string() + ": " + to_string(refusal.error));
}

} // namespace rsf::run
