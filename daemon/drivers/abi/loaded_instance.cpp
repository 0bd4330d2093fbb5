// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi/loaded_instance.hpp"

#include "base/text.hpp"
#include "drivers/abi/driver_values.hpp"
#include "drivers/abi/order_sink.hpp"
#include "drivers/answer.hpp"
#include "drivers/schema/settings_schema.hpp"

#include <resourcifier/resourcifier.h>

#include <cxxabi.h>
#include <exception>
#include <utility>

namespace rsf::drivers {

namespace {

// Runs the driver's code. Returns the exception that it let out, in words, or empty. A driver in C++ has its own barrier
// (driver.hpp); this one is for drivers without. It works where the driver's frames have unwind tables, as g++ and clang make
// them.
template <class Work> std::string run_driver(Work &&work) {
    try {
        work();
        return {};
    } catch (const abi::__forced_unwind &) { // this thread is being ended (pthread_cancel), which must not be stopped
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

Failure no_such_plan() { return permanent(internal("there is no such plan")); }

} // namespace

// A plan, and the data that its driver may read until its end.
class LoadedInstance::Planned {
  public:
    Planned(Verb verb, std::string_view ns, const std::vector<Orderable> &resources)
        : ns_(ns), resources_(resources), given_(resources_), request{sizeof(rsf_plan_request), static_cast<std::uint32_t>(verb),
                                                                      text(ns_), given_.data(), given_.size()} {}

  private:
    const std::string ns_;
    const std::vector<Orderable> resources_;
    const GivenResources given_;

  public:
    const rsf_plan_request request;
    rsf_planning *planning = nullptr;
};

LoadedInstance::LoadedInstance(std::shared_ptr<const DriverLibrary> library, std::string target_name, std::shared_ptr<Host> host)
    : library_(std::move(library)), functions_(whole(library_->entry().functions)),
      host_(std::move(target_name), std::move(host)) {}

LoadedInstance::~LoadedInstance() {
    if (driver_ == nullptr) return;
    const std::string thrown = run_driver([&] { functions_.destroy(driver_); });
    if (!thrown.empty()) host_.behind().write(nullptr, RSF_LOG_ERROR, fault("destroy", thrown).message);
}

Result<std::unique_ptr<LoadedInstance>> LoadedInstance::create(std::shared_ptr<const DriverLibrary> library,
                                                               std::string target_name, const std::string &settings,
                                                               std::shared_ptr<Host> host) {
    std::unique_ptr<LoadedInstance> instance(new LoadedInstance(std::move(library), std::move(target_name), std::move(host)));
    if (auto started = instance->start(settings); !started) return started.error();
    return instance;
}

Error LoadedInstance::fault(std::string_view during, std::string_view what) const {
    const std::vector<std::string> &secrets = host_.behind().secrets();
    return internal(broken(library_->descriptor().name, during, without_secrets(what, secrets)).message);
}

Result<void> LoadedInstance::start(const std::string &settings) {
    AnswerSink sink;
    std::string thrown = run_driver([&] { driver_ = functions_.create(&host_, text(settings), &sink); });
    const RawAnswer raw = sink.close();
    if (!thrown.empty()) return fault("create", thrown);
    if (raw.answers > 1) return fault("create", "it answered " + std::to_string(raw.answers) + " times");
    if (!raw.fault.empty()) return fault("create", raw.fault);
    if (std::holds_alternative<RawAnswer::Result>(raw.first))
        return fault("create", "it called succeed, which is not for create");
    if (const auto *failure = std::get_if<RawAnswer::Failure>(&raw.first)) {
        if (driver_ != nullptr)
            return fault("create", "it failed and returned an instance all the same; it said: " + printable(failure->message));
        return Error(judge_failure(*failure, "create", library_->descriptor().name, host_.behind().secrets()));
    }
    if (driver_ == nullptr) return fault("create", "it returned no instance and did not say why");

    Result<DriverExtensions> found = DriverExtensions{};
    thrown = run_driver([&] { found = find_extensions(functions_, driver_); });
    if (!thrown.empty()) return fault("get_extension", thrown);
    if (!found) return fault("get_extension", found.error().message);
    extensions_ = std::move(*found);
    return {};
}

// One call into the driver, in a frame of its own.
template <class Work> RawAnswer LoadedInstance::during(const Call &call, Work work) {
    auto frame = std::make_unique<CallFrame>(call);
    const rsf_call *const seen = frame.get();
    host_.behind().began({&seen, 1}, {&call, 1});
    std::string thrown = run_driver([&] { work(*frame); });
    host_.behind().ended({&seen, 1});
    RawAnswer raw = frame->end();
    raw.broke = std::move(thrown);
    finished_.add(std::move(frame));
    return raw;
}

Reply<RawAnswer> LoadedInstance::perform(const Call &call) {
    return during(call, [&](CallFrame &frame) { functions_.perform(driver_, &frame, frame.sink()); });
}

Reply<std::vector<RawAnswer>> LoadedInstance::perform_all(const std::vector<Call> &calls) {
    const auto frame = std::make_shared<BatchFrame>(calls);
    host_.behind().began(frame->calls(), calls);
    std::string broke =
        run_driver([&] { extensions_.batch->perform(driver_, frame->calls().data(), calls.size(), frame.get()); });
    host_.behind().ended(frame->calls());
    std::vector<RawAnswer> raw = frame->end();
    finished_.add(frame, calls.size());
    if (broke.empty() && frame->is_beyond())
        broke = "it answered a call that its batch does not have, so that it is not known which ones it means";
    for (RawAnswer &one : raw) one.broke = broke;
    return raw;
}

Reply<Orderings> LoadedInstance::order(std::string_view ns, const std::vector<Orderable> &resources) {
    const GivenResources given(resources);
    OrderSink sink(resources.size());
    const std::string thrown =
        run_driver([&] { extensions_.order->order(driver_, text(ns), given.data(), given.size(), &sink); });
    return Orderings{std::move(sink.edges), thrown.empty() ? sink.fault : thrown};
}

Reply<RawAnswer> LoadedInstance::health() {
    AnswerSink sink;
    std::string thrown = run_driver([&] { extensions_.health->check(driver_, &sink); });
    RawAnswer raw = sink.close();
    raw.broke = std::move(thrown);
    return raw;
}

Reply<RawAnswer> LoadedInstance::settle(const Call &call) {
    return during(call, [&](CallFrame &frame) { extensions_.settle->settle(driver_, &frame, frame.sink()); });
}

Reply<RawAnswer> LoadedInstance::kind(const Call &call) {
    return during(call, [&](CallFrame &frame) { extensions_.kind->name(driver_, &frame, frame.sink()); });
}

Reply<Begun> LoadedInstance::begin_plan(Verb verb, std::string_view ns, const std::vector<Orderable> &resources) {
    const auto plan = std::make_shared<Planned>(verb, ns, resources);
    AnswerSink sink;
    std::string thrown = run_driver([&] { plan->planning = extensions_.plan->begin(driver_, &plan->request, &sink); });
    Begun begun{0, sink.close()};
    begun.raw.broke = std::move(thrown);
    if (plan->planning == nullptr) return begun;
    const shared::Lock lock(plans_mutex_);
    plans_.emplace(begun.planning = ++last_plan_, plan);
    return begun;
}

std::shared_ptr<LoadedInstance::Planned> LoadedInstance::find_plan(std::uint64_t planning) {
    const shared::Lock lock(plans_mutex_);
    const auto found = plans_.find(planning);
    return found == plans_.end() ? nullptr : found->second;
}

Reply<RawAnswer> LoadedInstance::step_plan(std::uint64_t planning, std::size_t resource, const Call &call,
                                           std::string_view unknown) {
    const auto plan = find_plan(planning);
    if (!plan) return no_such_plan();
    return during(call, [&](CallFrame &frame) {
        extensions_.plan->step(driver_, plan->planning, resource, &frame, text(unknown), frame.sink());
    });
}

Reply<std::string> LoadedInstance::end_plan(std::uint64_t planning) {
    const auto plan = find_plan(planning);
    if (!plan) return no_such_plan();
    std::string thrown = run_driver([&] { extensions_.plan->end(driver_, plan->planning); });
    const shared::Lock lock(plans_mutex_);
    plans_.erase(planning);
    return thrown;
}

} // namespace rsf::drivers
