// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi/abi_driver.hpp"

#include "base/text.hpp"
#include "drivers/answer.hpp"
#include "drivers/schema/settings_schema.hpp"

#include <resourcifier/answer_rules.hpp>
#include <resourcifier/extensions.h>

#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace rsf::drivers {

namespace {

class AbiDriver final : public Driver {
  public:
    AbiDriver(std::shared_ptr<const Descriptor> descriptor, std::unique_ptr<Instance> instance, std::shared_ptr<Host> host)
        : descriptor_(std::move(descriptor)), host_(std::move(host)), instance_(std::move(instance)) {}

    const Descriptor &descriptor() const override { return *descriptor_; }
    std::vector<std::string> extensions() const override { return instance_->offered().names; }
    boost::json::array secret() const override { return instance_->offered().secret; }

    pid_t process() override { return instance_->process(); }
    void stop_restarting() const override { instance_->stop_restarting(); }

    Answer perform(const Call &call) override {
        if (!does(call.verb)) return not_offered(call.verb);
        if (std::optional<Failure> why = revision_refused(call)) return std::move(*why);
        return judged(instance_->perform(call), call.verb, {}, Wanted(call));
    }

    std::size_t batch_limit() const override { return instance_->offered().batch_limit; }

    std::vector<Answer> perform_all(const std::vector<Call> &calls) override {
        const Verb verb = calls.front().verb;
        const bool is_batch = calls.size() > 1 && batch_limit() > 1 && does(verb);
        if (!is_batch || std::ranges::any_of(calls, [&](const Call &call) { return revision_refused(call).has_value(); }))
            return Driver::perform_all(calls);
        Reply<std::vector<RawAnswer>> reply = instance_->perform_all(calls);
        if (!reply) return std::vector<Answer>(calls.size(), reply.error());
        std::vector<Answer> answers;
        answers.reserve(calls.size());
        for (std::size_t i = 0; i < reply->size(); ++i)
            answers.push_back(judged(std::move((*reply)[i]), verb, {}, Wanted(calls[i])));
        return answers;
    }

    Result<std::vector<Before>> order(std::string_view ns, const std::vector<Orderable> &resources) override {
        if (!instance_->offered().offers(RSF_EXT_ORDER)) return std::vector<Before>{};
        Reply<Orderings> reply = instance_->order(ns, resources);
        if (!reply) return error(reply.error());
        if (!reply->fault.empty()) return error(fault("order", reply->fault));
        return std::move(reply->edges);
    }

    DriverHealth health() override {
        if (std::optional<std::string> down = instance_->down()) return {false, std::move(*down), {}};
        if (!instance_->offered().offers(RSF_EXT_HEALTH)) return {};
        Reply<RawAnswer> reply = instance_->health();
        if (!reply) return {false, reply.error().message, {}};
        return judge_health(std::move(*reply), descriptor_->name, host_->secrets());
    }

    Settled settle(const Call &call) override {
        if (!instance_->offered().offers(RSF_EXT_SETTLE)) return Driver::settle(call);
        Reply<RawAnswer> reply = instance_->settle(call);
        if (!reply) return std::move(reply).error();
        return judge_settlement(std::move(*reply), descriptor_->name, host_->secrets(), Wanted(call));
    }

    Named kind(const Call &call) override {
        if (!instance_->offered().offers(RSF_EXT_KIND)) return Driver::kind(call);
        Reply<RawAnswer> reply = instance_->kind(call);
        if (!reply) return std::move(reply).error();
        return judge_kind(std::move(*reply), descriptor_->name, host_->secrets());
    }

    Result<std::unique_ptr<Planning>> plan(Verb verb, std::string ns, std::vector<Orderable> resources) override {
        if (!instance_->offered().offers(RSF_EXT_PLAN)) return Driver::plan(verb, std::move(ns), std::move(resources));
        Reply<Begun> reply = instance_->begin_plan(verb, ns, resources);
        if (!reply) return error(reply.error());
        if (!reply->raw.broke.empty()) return error(fault("plan", reply->raw.broke));
        if (const auto *failure = std::get_if<RawAnswer::Failure>(&reply->raw.first))
            return error(judge_failure(*failure, "plan", descriptor_->name, host_->secrets()));
        if (reply->planning == 0) return error(fault("plan", "it began no plan and did not say why"));
        return std::unique_ptr<Planning>(std::make_unique<AbiPlanning>(*this, reply->planning));
    }

  private:
    class AbiPlanning final : public Planning {
      public:
        AbiPlanning(AbiDriver &driver, std::uint64_t planning) : driver_(driver), planning_(planning) {}

        Answer step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) override {
            if (std::optional<Failure> why = driver_.revision_refused(call)) return std::move(*why);
            const std::string pointers = json_text(boost::json::array(unknown.begin(), unknown.end()));
            Answer answer = driver_.judged(driver_.instance_->step_plan(planning_, resource, call, pointers), Verb::get, "plan",
                                           Wanted(call));
            if (answer && !answer->object.is_object()) return driver_.fault("plan", "it answered with no step");
            return answer;
        }

        void end() override {
            const Reply<std::string> reply = driver_.instance_->end_plan(planning_);
            if (reply && !reply->empty()) driver_.host_->write(nullptr, RSF_LOG_ERROR, driver_.fault("plan", *reply).message);
        }

      private:
        AbiDriver &driver_;
        const std::uint64_t planning_;
    };

    bool does(Verb verb) const { return (descriptor_->capabilities >> static_cast<unsigned>(verb) & 1) != 0; }

    Answer judged(RawAnswer raw, Verb verb, std::string_view during, const Wanted &wanted) const {
        return judge(std::move(raw), verb, descriptor_->name, host_->secrets(), during, wanted);
    }
    Answer judged(Reply<RawAnswer> reply, Verb verb, std::string_view during, const Wanted &wanted) const {
        if (!reply) return std::move(reply).error();
        return judged(std::move(*reply), verb, during, wanted);
    }

    Failure fault(std::string_view during, std::string_view what) const {
        return broken(descriptor_->name, during, printable(without_secrets(what, host_->secrets()), 4096));
    }
    static Error error(const Failure &failure) { return failure; }

    // Why the call can't be made at the revision that it expects. A driver that does not know of revisions, as those of ABI 1.0,
    // would write whatever the object is at.
    std::optional<Failure> revision_refused(const Call &call) const {
        if (call.expected_revision.empty()) return std::nullopt;
        if (call.verb != Verb::replace && call.verb != Verb::apply && call.verb != Verb::remove)
            return permanent(invalid("an expected revision is for replace, apply and delete; leave it out"));
        if (!fault_of_revision(call.expected_revision).empty())
            return permanent(invalid("the expected revision is none that a driver gave: it is at most " +
                                     std::to_string(max_revision) + " visible ASCII characters"));
        if (descriptor_->checks_revisions) return std::nullopt;
        return permanent(unsupported("the driver '" + descriptor_->name +
                                     "' does not check at which revision an object is, so nothing was done; ask without an "
                                     "expected revision, or get a newer build of the driver"));
    }

    Failure not_offered(Verb verb) const {
        Failure failure;
        failure.code = Code::unsupported;
        failure.message = "the driver '" + descriptor_->name + "' does not offer " + std::string(to_string(verb));
        failure.retry = Failure::Retry::never;
        return failure;
    }

    const std::shared_ptr<const Descriptor> descriptor_;
    const std::shared_ptr<Host> host_;
    const std::unique_ptr<Instance> instance_;
};

} // namespace

bool Offered::offers(std::string_view extension) const { return std::ranges::find(names, extension) != names.end(); }

bool Driver::offers(std::string_view extension) const {
    const std::vector<std::string> offered = extensions();
    return std::ranges::find(offered, extension) != offered.end();
}

std::vector<Answer> Driver::perform_all(const std::vector<Call> &calls) {
    std::vector<Answer> answers;
    answers.reserve(calls.size());
    for (const Call &call : calls) answers.push_back(perform(call));
    return answers;
}

Settled Driver::settle(const Call &) {
    return permanent(unsupported("the driver '" + descriptor().name + "' does not say whether a write was done"));
}

Named Driver::kind(const Call &) { return permanent(unsupported("the driver '" + descriptor().name + "' does not name types")); }

Result<std::unique_ptr<Planning>> Driver::plan(Verb, std::string, std::vector<Orderable>) {
    return unsupported("the driver '" + descriptor().name + "' makes no plans");
}

std::unique_ptr<Driver> make_driver(std::shared_ptr<const Descriptor> descriptor, std::unique_ptr<Instance> instance,
                                    std::shared_ptr<Host> host) {
    return std::make_unique<AbiDriver>(std::move(descriptor), std::move(instance), std::move(host));
}

} // namespace rsf::drivers
