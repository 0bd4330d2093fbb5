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

#include <cxxabi.h>
#include <exception>
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

class AbiDriver final : public Driver {
  public:
    AbiDriver(std::shared_ptr<const DriverLibrary> library, std::string target, std::vector<std::string> secrets, const Log &log)
        : library_(std::move(library)), functions_(whole(library_->entry().functions)),
          host_(std::move(target), std::move(secrets), log) {}

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

    Answer perform(const Call &call) override {
        if ((descriptor().capabilities & std::uint64_t{1} << static_cast<unsigned>(call.verb)) == 0)
            return not_offered(call.verb);
        auto frame = std::make_unique<CallFrame>(call);
        host_.began(frame.get(), call.request_id);
        const std::string thrown = run_driver([&] { functions_.perform(driver_, frame.get(), frame->sink()); });
        host_.ended(frame.get());
        Said said = frame->end();
        rest_.add(std::move(frame));
        if (!thrown.empty()) return fault(to_string(call.verb), thrown);
        return judge(std::move(said), call.verb, descriptor().name, host_.secrets());
    }

    Result<std::vector<Before>> order(std::string_view ns, const std::vector<Orderable> &resources) override {
        if (extensions_.order == nullptr) return std::vector<Before>{};
        std::vector<rsf_resource> given;
        given.reserve(resources.size());
        for (const Orderable &resource : resources)
            given.push_back({sizeof(rsf_resource), 0, text(resource.name), text(resource.type), text(resource.object)});
        std::vector<const rsf_resource *> pointers;
        pointers.reserve(given.size());
        for (const rsf_resource &resource : given) pointers.push_back(&resource);
        OrderSink sink(given.size());
        const std::string thrown =
            run_driver([&] { extensions_.order->order(driver_, text(ns), pointers.data(), pointers.size(), &sink); });
        if (!thrown.empty()) return error(fault("order", thrown));
        if (!sink.fault.empty()) return error(fault("order", sink.fault));
        return std::move(sink.edges);
    }

  private:
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

Error at_target(const std::string &target, const std::string &driver, Error error) {
    error.message = "target '" + target + "' can not be made with driver '" + driver + "': " + error.message;
    return error;
}

} // namespace

Result<std::unique_ptr<Driver>> create_driver(std::shared_ptr<const DriverLibrary> library, std::string target,
                                              const boost::json::object &settings, Log log) {
    const Descriptor &descriptor = library->descriptor();
    auto applied = apply_schema(descriptor.settings_schema, settings);
    if (!applied) return at_target(target, descriptor.name, applied.error());
    auto driver = std::make_unique<AbiDriver>(library, target, secret_values(descriptor.settings_schema, *applied), log);
    if (auto started = driver->start(boost::json::serialize(*applied)); !started)
        return at_target(target, descriptor.name, started.error());
    return std::unique_ptr<Driver>(std::move(driver));
}

} // namespace rsf::daemon
