// SPDX-License-Identifier: Apache-2.0
#include "targets/target.hpp"

#include "base/text.hpp"
#include "shared/mutex.hpp"
#include "targets/arrival.hpp"
#include "targets/health_watch.hpp"
#include "targets/worker_pool.hpp"

#include <resourcifier/extensions.h>

#include <algorithm>
#include <ctime>
#include <utility>

namespace rsf::targets {

namespace {

std::string in_words(const drivers::Driver &driver, const std::string &target) {
    return "driver '" + driver.descriptor().name + "' of target '" + target + "'";
}

std::optional<drivers::Failure> unless_able(const drivers::Descriptor &descriptor, drivers::Verb verb) {
    if ((descriptor.capabilities >> static_cast<unsigned>(verb)) & 1) return std::nullopt;
    std::string message = "driver '" + descriptor.name + "' does not do " + std::string(to_string(verb)) + "; it does ";
    const std::vector<std::string> able = drivers::capability_names(descriptor.capabilities);
    for (std::size_t i = 0; i < able.size(); ++i) message += (i == 0 ? "" : ", ") + able[i];
    if (able.empty()) message += "nothing";
    return drivers::permanent(unsupported(std::move(message)));
}

// In seconds since 1970, of a text as RFC 3339 has it, in UTC; none: there is no such text.
std::optional<double> time_at(const boost::json::object &said, std::string_view key) {
    const boost::json::value *text = said.if_contains(key);
    if (!text || !text->is_string()) return std::nullopt;
    std::tm parts{};
    const char *end = ::strptime(text->get_string().c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (!end || *end) return std::nullopt;
    return static_cast<double>(::timegm(&parts));
}

bool may_write(const drivers::Call &call, bool has_dry_run) {
    return call.verb != drivers::Verb::list && call.verb != drivers::Verb::get && !(call.dry_run && has_dry_run);
}

drivers::Failure writing_refused(const drivers::Call &call, const drivers::Driver &driver) {
    const std::string what = "a plan may change nothing, and this " + std::string(to_string(call.verb)) + " would: ";
    return drivers::permanent(
        forbidden(what + (call.dry_run ? "driver '" + driver.descriptor().name + "' has no dry run" : "it is no dry run")));
}

} // namespace

class Target::Impl {
  public:
    Impl(std::string name, std::unique_ptr<drivers::Driver> driver, config::TargetLimits limits, Log log,
         std::shared_ptr<Target> over, std::optional<config::Strategy> strategy, std::shared_ptr<metrics::TargetMetrics> metrics)
        : over_(std::move(over)), strategy_(strategy.value_or(over_ ? over_->strategy() : config::Strategy::create_replace)),
          answer_within_(limits.answer_within), has_dry_run_(driver->offers(RSF_EXT_DRY_RUN)), driver_(std::move(driver)),
          log_(std::move(log)), pool_({.target = name,
                                       .who = in_words(*driver_, name),
                                       .threads = driver_->is_concurrent() ? std::max<std::size_t>(limits.concurrency, 1) : 1,
                                       .concurrent = driver_->is_concurrent(),
                                       .admitted = limits.queue,
                                       .timeout = limits.timeout,
                                       .abandon_after = limits.abandon_after},
                                      log_),
          context_{*driver_, pool_, std::move(name), pool_.threads(), log_}, metrics_(std::move(metrics)),
          health_([driver = driver_.get()] { return driver->health(); }, "driver '" + driver_->descriptor().name + "'",
                  limits.abandon_after),
          watch_(metrics_ ? metrics_->watch([this] { return now(); }) : nullptr) {}

    // A driver that a thread is still in is never destroyed.
    ~Impl() {
        watch_.reset();
        if (!pool_.stop()) static_cast<void>(driver_.release());
    }

    std::size_t lost() const { return pool_.counts().lost + (health_.is_overdue() ? 1 : 0); }

    std::optional<std::string> drained_because() const {
        const shared::Lock lock(mutex_);
        return drained_;
    }
    void drain(std::optional<std::string> why) {
        const shared::Lock lock(mutex_);
        drained_ = std::move(why);
    }

    // said: by the driver.
    Health health(drivers::DriverHealth said) const {
        const WorkerPool::Counts counts = pool_.counts();
        const std::optional<std::string> closed = pool_.closed_because(), drained = drained_because();
        std::string reason;
        for (const auto &why : {closed, drained, said.ok ? std::nullopt : std::optional(said.reason)})
            if (why) reason += (reason.empty() ? "" : "; ") + *why;
        const bool is_ok = !closed && !drained && said.ok;
        return {is_ok, std::move(reason), std::move(said.more), counts.running, counts.queued, lost()};
    }

    const std::shared_ptr<Target> over_;
    const config::Strategy strategy_;
    const std::chrono::milliseconds answer_within_;
    const bool has_dry_run_;
    std::unique_ptr<drivers::Driver> driver_;
    const Log log_;
    WorkerPool pool_;
    const ExecutionContext context_;
    const std::shared_ptr<metrics::TargetMetrics> metrics_; // null: nothing is counted
    HealthWatch health_;                                    // after driver_, which it asks

  private:
    // Does not wait.
    metrics::TargetNow now() {
        const WorkerPool::Counts counts = pool_.counts();
        metrics::TargetNow now{counts.queued, counts.running, lost(), {}, driver_->process()};
        const bool only_plans_for_another = over_ && over_->name() == context_.target;
        if (only_plans_for_another) return now;
        const Health known = health(health_.said());
        now.ready = known.ok;
        now.credentials_expire = time_at(known.driver, "credentials_expire");
        return now;
    }

    mutable shared::Mutex mutex_;
    std::optional<std::string> drained_ GUARDED_BY(mutex_);

    std::shared_ptr<void> watch_; // last: it looks at the others
};

std::unique_ptr<Target> Target::make(std::string name, std::unique_ptr<drivers::Driver> driver, config::TargetLimits limits,
                                     Log log, std::shared_ptr<Target> over, std::optional<config::Strategy> strategy,
                                     std::shared_ptr<metrics::TargetMetrics> metrics) {
    return std::unique_ptr<Target>(new Target(std::make_unique<Impl>(std::move(name), std::move(driver), limits, std::move(log),
                                                                     std::move(over), strategy, std::move(metrics))));
}

Target::Target(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Target::~Target() = default;

const std::string &Target::name() const { return impl_->context_.target; }

const drivers::Driver &Target::driver() const { return *impl_->driver_; }

std::chrono::milliseconds Target::answer_within() const { return impl_->answer_within_; }
config::Strategy Target::strategy() const { return impl_->strategy_; }

std::optional<drivers::Failure> Target::unsupported(drivers::Verb verb) const {
    return unless_able((over() ? *over() : *this).driver().descriptor(), verb);
}

std::optional<drivers::Failure> Target::refusal() const { return impl_->pool_.refusal(); }

const std::shared_ptr<Target> &Target::over() const { return impl_->over_; }

const std::shared_ptr<metrics::TargetMetrics> &Target::metrics() const { return impl_->metrics_; }

const ExecutionContext &Target::context() const { return impl_->context_; }

Arrival::Arrival(std::shared_ptr<Target> target) : target_(std::move(target)) {
    if (target_) target_->impl_->pool_.arrive();
}

Arrival::~Arrival() {
    if (target_) target_->impl_->pool_.depart();
}

HealthQuestion Target::ask_health() const { return {shared_from_this(), impl_->health_.ask(shared_from_this())}; }

Health Target::health() const { return ask_health().answer(); }

Health HealthQuestion::answer(std::chrono::milliseconds worth_waiting) const {
    return target_->impl_->health(target_->impl_->health_.said(ask_, worth_waiting));
}

std::optional<Health> Target::known_health() const {
    if (!impl_->health_.has_said()) return std::nullopt;
    return impl_->health(impl_->health_.said());
}

std::size_t Target::lost() const { return impl_->lost(); }

void Target::ask(drivers::Call call, std::stop_token stop, std::function<void(drivers::Answer)> done) {
    if (std::optional<drivers::Failure> failure = admit(call)) return done(std::move(*failure));
    perform_admitted(std::move(call), std::move(stop), std::move(done));
}

std::optional<drivers::Failure> Target::admit(const drivers::Call &call) {
    if (std::optional<drivers::Failure> failure = unless_able(impl_->driver_->descriptor(), call.verb)) return failure;
    if (may_write(call, impl_->has_dry_run_)) return writing_refused(call, *impl_->driver_);
    return impl_->pool_.enter();
}

void Target::perform_admitted(drivers::Call call, std::stop_token stop, std::function<void(drivers::Answer)> done) {
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

void Target::drain(std::optional<std::string> why) { impl_->drain(std::move(why)); }

std::optional<std::string> Target::drained() const { return impl_->drained_because(); }

std::optional<drivers::Failure> Target::drain_refusal() const {
    const std::optional<std::string> why = drained();
    if (!why) return std::nullopt;
    return drivers::transient(unavailable(*why + "; nothing was done"), std::chrono::seconds(30));
}

void Target::close() { impl_->pool_.close(); }
void Target::cancel() { impl_->pool_.cancel(); }
void Target::when_idle(std::function<void()> once) { impl_->pool_.when_idle(std::move(once)); }
bool Target::wait_idle(std::chrono::steady_clock::time_point until) {
    return impl_->pool_.wait_idle(until) && impl_->health_.wait_idle(until);
}

} // namespace rsf::targets
