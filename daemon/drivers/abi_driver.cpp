// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver.hpp"

#include "drivers/answer.hpp"
#include "drivers/call_frame.hpp"
#include "drivers/driver_extensions.hpp"
#include "drivers/driver_host.hpp"
#include "drivers/driver_values.hpp"
#include "drivers/order_sink.hpp"
#include "drivers/settings_schema.hpp"
#include "text.hpp"

#include <resourcifier/resourcifier.h>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cxxabi.h>
#include <exception>
#include <limits>
#include <utility>

namespace rsf::daemon {

namespace {

// Runs the driver's code. Returns what it let out, as words, or empty. A driver in C++ has its own barrier (driver.hpp); this one
// is for those that forgot theirs. It works where the exception finds its way through the driver's frames, which g++'s and
// clang's have.
template <class Work> std::string run_driver(Work &&work) {
    try {
        work();
        return {};
    } catch (const abi::__forced_unwind &) { // the end of this thread, which may not be stopped
        throw;
    } catch (const std::exception &error) {
        return std::string("it let an exception out: ") + printable(error.what());
    } catch (...) {
        return "it let an exception out that is not a std::exception";
    }
}

// Resources as the ABI has them: views of those that it was made from.
class GivenResources {
  public:
    explicit GivenResources(const std::vector<Orderable> &resources) {
        given_.reserve(resources.size());
        pointers_.reserve(resources.size());
        for (const Orderable &resource : resources) {
            given_.push_back({sizeof(rsf_resource), 0, text(resource.name), text(resource.type), text(resource.object)});
            pointers_.push_back(&given_.back());
        }
    }
    GivenResources(const GivenResources &) = delete;
    GivenResources &operator=(const GivenResources &) = delete;

    const rsf_resource *const *data() const { return pointers_.data(); }
    std::size_t size() const { return pointers_.size(); }

  private:
    std::vector<rsf_resource> given_;
    std::vector<const rsf_resource *> pointers_;
};

class AbiDriver final : public Driver {
  public:
    AbiDriver(std::shared_ptr<const DriverLibrary> library, std::string target, std::vector<std::string> secrets,
              std::shared_ptr<OtherTargets> others, const Log &log)
        : library_(std::move(library)), functions_(whole(library_->entry().functions)),
          host_(std::move(target), std::move(secrets), std::move(others), log) {}

    ~AbiDriver() override {
        if (driver_ == nullptr) return;
        const std::string thrown = run_driver([&] { functions_.destroy(driver_); });
        if (!thrown.empty()) host_.write(nullptr, RSF_LOG_ERROR, fault("destroy", thrown).message);
    }

    // Once, before any other function: makes the instance.
    Result<void> start(const std::string &settings) {
        if (auto created = create(settings); !created) return created;
        Result<DriverExtensions> found = DriverExtensions{};
        const std::string thrown = run_driver([&] { found = find_extensions(functions_, driver_); });
        if (!thrown.empty()) return error(fault("get_extension", thrown));
        if (!found) return error(fault("get_extension", found.error().message));
        extensions_ = *found;
        return {};
    }

    const Descriptor &descriptor() const override { return library_->descriptor(); }
    std::vector<std::string> extensions() const override { return extensions_.names; }
    boost::json::array secret() const override { return extensions_.secret; }

    Answer perform(const Call &call) override {
        if (!does(call.verb)) return not_offered(call.verb);
        return during(call, to_string(call.verb), call.verb,
                      [&](CallFrame &frame) { functions_.perform(driver_, &frame, frame.sink()); });
    }

    std::size_t batch_limit() const override {
        if (extensions_.batch == nullptr) return 1;
        return extensions_.batch->max_calls == 0 ? std::numeric_limits<std::size_t>::max() : extensions_.batch->max_calls;
    }

    std::vector<Answer> perform_all(const std::vector<Call> &calls) override {
        const Verb verb = calls.front().verb;
        if (calls.size() == 1 || batch_limit() == 1 || !does(verb)) return Driver::perform_all(calls);
        const auto frame = std::make_shared<BatchFrame>(calls);
        host_.began(frame->calls(), calls);
        const std::string thrown =
            run_driver([&] { extensions_.batch->perform(driver_, frame->calls().data(), calls.size(), frame.get()); });
        for (const rsf_call *call : frame->calls()) host_.ended(call);
        std::vector<Said> said = frame->end();
        rest_.add(frame, calls.size());
        const std::string what = !thrown.empty()      ? thrown
                                 : frame->is_beyond() ? "it answered a call that its batch does not have, so that nobody "
                                                        "knows which ones it means"
                                                      : "";
        std::vector<Answer> answers;
        answers.reserve(said.size());
        for (Said &one : said) {
            if (what.empty())
                answers.push_back(judge(std::move(one), verb, descriptor().name, host_.secrets()));
            else
                answers.emplace_back(fault(to_string(verb), what));
        }
        return answers;
    }

    Result<std::vector<Before>> order(std::string_view ns, const std::vector<Orderable> &resources) override {
        if (extensions_.order == nullptr) return std::vector<Before>{};
        const GivenResources given(resources);
        OrderSink sink(resources.size());
        const std::string thrown =
            run_driver([&] { extensions_.order->order(driver_, text(ns), given.data(), given.size(), &sink); });
        if (!thrown.empty()) return error(fault("order", thrown));
        if (!sink.fault.empty()) return error(fault("order", sink.fault));
        return std::move(sink.edges);
    }

    DriverHealth health() override {
        if (extensions_.health == nullptr) return {};
        AnswerSink sink;
        const std::string thrown = run_driver([&] { extensions_.health->check(driver_, &sink); });
        Said said = sink.close();
        if (!thrown.empty()) return {false, fault("health", thrown).message, {}};
        return judge_health(std::move(said), descriptor().name, host_.secrets());
    }

    Result<std::unique_ptr<Planning>> plan(Verb verb, std::string ns, std::vector<Orderable> resources) override {
        if (extensions_.plan == nullptr) return Driver::plan(verb, std::move(ns), std::move(resources));
        auto planning = std::make_unique<AbiPlanning>(*this, verb, std::move(ns), std::move(resources));
        if (auto begun = planning->begin(); !begun) return begun.error();
        return std::unique_ptr<Planning>(std::move(planning));
    }

  private:
    class AbiPlanning final : public Planning {
      public:
        AbiPlanning(AbiDriver &driver, Verb verb, std::string ns, std::vector<Orderable> resources)
            : driver_(driver), ns_(std::move(ns)), resources_(std::move(resources)),
              given_(resources_), request_{sizeof(rsf_plan_request), static_cast<std::uint32_t>(verb), text(ns_), given_.data(),
                                           given_.size()} {}

        Result<void> begin() {
            AnswerSink sink;
            const std::string thrown = run_driver([&] { planning_ = table().begin(driver_.driver_, &request_, &sink); });
            const Said said = sink.close();
            if (!thrown.empty()) return error(driver_.fault("plan", thrown));
            if (const auto *failure = std::get_if<Said::Failure>(&said.first))
                return error(judge_failure(*failure, "plan", driver_.descriptor().name, driver_.host_.secrets()));
            if (planning_ == nullptr) return error(driver_.fault("plan", "it began no plan and did not say why"));
            return {};
        }

        Answer step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) override {
            const std::string pointers = boost::json::serialize(boost::json::array(unknown.begin(), unknown.end()));
            Answer answer = driver_.during(call, "plan", Verb::get, [&](CallFrame &frame) {
                table().step(driver_.driver_, planning_, resource, &frame, text(pointers), frame.sink());
            });
            if (answer && !answer->object.is_object()) return driver_.fault("plan", "it answered with no step");
            return answer;
        }

        void end() override {
            const std::string thrown = run_driver([&] { table().end(driver_.driver_, planning_); });
            if (!thrown.empty()) driver_.host_.write(nullptr, RSF_LOG_ERROR, driver_.fault("plan", thrown).message);
        }

      private:
        const rsf_plan &table() const { return *driver_.extensions_.plan; }

        AbiDriver &driver_;
        const std::string ns_;
        const std::vector<Orderable> resources_;
        const GivenResources given_;
        const rsf_plan_request request_;
        rsf_planning *planning_ = nullptr;
    };

    // One call into the driver, in a frame of its own, and what became of it: an answer such as that verb has.
    template <class Work> Answer during(const Call &call, std::string_view what, Verb answers_as, Work work) {
        auto frame = std::make_unique<CallFrame>(call);
        host_.began(frame.get(), call);
        const std::string thrown = run_driver([&] { work(*frame); });
        host_.ended(frame.get());
        Said said = frame->end();
        rest_.add(std::move(frame));
        if (!thrown.empty()) return fault(what, thrown);
        return judge(std::move(said), answers_as, descriptor().name, host_.secrets());
    }

    bool does(Verb verb) const { return (descriptor().capabilities >> static_cast<unsigned>(verb) & 1) != 0; }

    Failure fault(std::string_view during, std::string_view what) const {
        return broken(descriptor().name, during, without_secrets(what, host_.secrets()));
    }
    static Error error(const Failure &failure) { return {failure.code, failure.message, {}, {}}; }

    Result<void> create(const std::string &settings) {
        AnswerSink sink;
        const std::string thrown = run_driver([&] { driver_ = functions_.create(&host_, text(settings), &sink); });
        const Said said = sink.close();
        if (!thrown.empty()) return error(fault("create", thrown));
        if (said.answers > 1) return error(fault("create", "it answered " + std::to_string(said.answers) + " times"));
        if (!said.fault.empty()) return error(fault("create", said.fault));
        if (std::holds_alternative<Said::Result>(said.first))
            return error(fault("create", "it called succeed, which is not for create"));
        if (const auto *failure = std::get_if<Said::Failure>(&said.first)) {
            if (driver_ != nullptr)
                return error(
                    fault("create", "it failed and returned an instance all the same; it said: " + printable(failure->message)));
            return error(judge_failure(*failure, "create", descriptor().name, host_.secrets()));
        }
        if (driver_ == nullptr) return error(fault("create", "it returned no instance and did not say why"));
        return {};
    }

    Failure not_offered(Verb verb) const {
        Failure failure;
        failure.code = Code::unsupported;
        failure.message = "the driver '" + descriptor().name + "' does not offer " + std::string(to_string(verb));
        failure.retry = Failure::Retry::never;
        return failure;
    }

    // constant once started
    std::shared_ptr<const DriverLibrary> library_;
    rsf_functions functions_;
    DriverExtensions extensions_;
    rsf_driver *driver_ = nullptr;

    // thread-safe themselves
    DriverHost host_;
    FrameRest rest_;
};

} // namespace

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

namespace {

Error at_target(const std::string &target, const std::string &driver, Error error) {
    error.message = "target '" + target + "' can not be made with driver '" + driver + "': " + error.message;
    return error;
}

} // namespace

Result<std::unique_ptr<Driver>> create_driver(std::shared_ptr<const DriverLibrary> library, std::string target,
                                              const boost::json::object &settings, Log log,
                                              std::shared_ptr<OtherTargets> others) {
    const Descriptor &descriptor = library->descriptor();
    auto applied = apply_schema(descriptor.settings_schema, settings);
    if (!applied) return at_target(target, descriptor.name, applied.error());
    auto driver =
        std::make_unique<AbiDriver>(library, target, secret_values(descriptor.settings_schema, *applied), std::move(others), log);
    if (auto started = driver->start(boost::json::serialize(*applied)); !started)
        return at_target(target, descriptor.name, started.error());
    return std::unique_ptr<Driver>(std::move(driver));
}

} // namespace rsf::daemon
