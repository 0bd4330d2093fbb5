// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi_driver.hpp"

#include "base/text.hpp"
#include "drivers/answer.hpp"
#include "drivers/settings_schema.hpp"

#include <resourcifier/extensions.h>

#include <resourcifier/json_text.hpp>

#include <algorithm>
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

    Answer perform(const Call &call) override {
        if (!does(call.verb)) return not_offered(call.verb);
        return judged(instance_->perform(call), call.verb, {}, Wanted(call));
    }

    std::size_t batch_limit() const override { return instance_->offered().batch_limit; }

    std::vector<Answer> perform_all(const std::vector<Call> &calls) override {
        const Verb verb = calls.front().verb;
        if (calls.size() == 1 || batch_limit() == 1 || !does(verb)) return Driver::perform_all(calls);
        Heard<std::vector<Said>> heard = instance_->perform_all(calls);
        if (!heard) return std::vector<Answer>(calls.size(), heard.error());
        std::vector<Answer> answers;
        answers.reserve(calls.size());
        for (std::size_t i = 0; i < heard->size(); ++i)
            answers.push_back(judged(std::move((*heard)[i]), verb, {}, Wanted(calls[i])));
        return answers;
    }

    Result<std::vector<Before>> order(std::string_view ns, const std::vector<Orderable> &resources) override {
        if (!instance_->offered().offers(RSF_EXT_ORDER)) return std::vector<Before>{};
        Heard<Orderings> heard = instance_->order(ns, resources);
        if (!heard) return error(heard.error());
        if (!heard->fault.empty()) return error(fault("order", heard->fault));
        return std::move(heard->edges);
    }

    DriverHealth health() override {
        if (std::optional<std::string> down = instance_->down()) return {false, std::move(*down), {}};
        if (!instance_->offered().offers(RSF_EXT_HEALTH)) return {};
        Heard<Said> heard = instance_->health();
        if (!heard) return {false, heard.error().message, {}};
        return judge_health(std::move(*heard), descriptor_->name, host_->secrets());
    }

    Result<std::unique_ptr<Planning>> plan(Verb verb, std::string ns, std::vector<Orderable> resources) override {
        if (!instance_->offered().offers(RSF_EXT_PLAN)) return Driver::plan(verb, std::move(ns), std::move(resources));
        Heard<Begun> heard = instance_->begin_plan(verb, ns, resources);
        if (!heard) return error(heard.error());
        if (!heard->said.broke.empty()) return error(fault("plan", heard->said.broke));
        if (const auto *failure = std::get_if<Said::Failure>(&heard->said.first))
            return error(judge_failure(*failure, "plan", descriptor_->name, host_->secrets()));
        if (heard->planning == 0) return error(fault("plan", "it began no plan and did not say why"));
        return std::unique_ptr<Planning>(std::make_unique<AbiPlanning>(*this, heard->planning));
    }

  private:
    class AbiPlanning final : public Planning {
      public:
        AbiPlanning(AbiDriver &driver, std::uint64_t planning) : driver_(driver), planning_(planning) {}

        Answer step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) override {
            const std::string pointers = json_text(boost::json::array(unknown.begin(), unknown.end()));
            Answer answer = driver_.judged(driver_.instance_->step_plan(planning_, resource, call, pointers), Verb::get, "plan",
                                           Wanted(call));
            if (answer && !answer->object.is_object()) return driver_.fault("plan", "it answered with no step");
            return answer;
        }

        void end() override {
            const Heard<std::string> heard = driver_.instance_->end_plan(planning_);
            if (heard && !heard->empty()) driver_.host_->write(nullptr, RSF_LOG_ERROR, driver_.fault("plan", *heard).message);
        }

      private:
        AbiDriver &driver_;
        const std::uint64_t planning_;
    };

    bool does(Verb verb) const { return (descriptor_->capabilities >> static_cast<unsigned>(verb) & 1) != 0; }

    Answer judged(Said said, Verb verb, std::string_view during, const Wanted &wanted) const {
        return judge(std::move(said), verb, descriptor_->name, host_->secrets(), during, wanted);
    }
    Answer judged(Heard<Said> heard, Verb verb, std::string_view during, const Wanted &wanted) const {
        if (!heard) return std::move(heard).error();
        return judged(std::move(*heard), verb, during, wanted);
    }

    Failure fault(std::string_view during, std::string_view what) const {
        return broken(descriptor_->name, during, printable(without_secrets(what, host_->secrets()), 4096));
    }
    static Error error(const Failure &failure) { return {failure.code, failure.message, {}, {}}; }

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

Result<std::unique_ptr<Planning>> Driver::plan(Verb, std::string, std::vector<Orderable>) {
    return Error{Code::unsupported, "the driver '" + descriptor().name + "' makes no plans", {}, {}};
}

std::unique_ptr<Driver> make_driver(std::shared_ptr<const Descriptor> descriptor, std::unique_ptr<Instance> instance,
                                    std::shared_ptr<Host> host) {
    return std::make_unique<AbiDriver>(std::move(descriptor), std::move(instance), std::move(host));
}

} // namespace rsf::drivers
