// SPDX-License-Identifier: Apache-2.0
//
// A driver instance in this process: the only place that calls through the driver ABI. Created whole or not at all; destroyed
// with this object.
#pragma once

#include "base/error.hpp"
#include "drivers/abi/call_frame.hpp"
#include "drivers/abi/driver_extensions.hpp"
#include "drivers/abi/driver_library.hpp"
#include "drivers/abi/host_table.hpp"
#include "drivers/instance.hpp"
#include "shared/mutex.hpp"

#include <resourcifier/driver.h>

#include <map>
#include <memory>

namespace rsf::drivers {

class LoadedInstance final : public Instance {
  public:
    // settings: JSON that fits the driver's schema, defaults filled in.
    static Result<std::unique_ptr<LoadedInstance>> create(std::shared_ptr<const DriverLibrary> library, std::string target_name,
                                                          const std::string &settings, std::shared_ptr<Host> host);
    ~LoadedInstance() override;

    const Offered &offered() const override { return extensions_.offered; }
    Reply<RawAnswer> perform(const Call &call) override;
    Reply<std::vector<RawAnswer>> perform_all(const std::vector<Call> &calls) override;
    Reply<Orderings> order(std::string_view ns, const std::vector<Orderable> &resources) override;
    Reply<RawAnswer> health() override;
    Reply<RawAnswer> settle(const Call &call) override;
    Reply<RawAnswer> kind(const Call &call) override;
    Reply<Begun> begin_plan(Verb verb, std::string_view ns, const std::vector<Orderable> &resources) override;
    Reply<RawAnswer> step_plan(std::uint64_t planning, std::size_t resource, const Call &call, std::string_view unknown) override;
    Reply<std::string> end_plan(std::uint64_t planning) override;

  private:
    class Planned;

    LoadedInstance(std::shared_ptr<const DriverLibrary> library, std::string target_name, std::shared_ptr<Host> host);
    Result<void> start(const std::string &settings);
    Error fault(std::string_view during, std::string_view what) const;
    template <class Work> RawAnswer during(const Call &call, Work work);
    std::shared_ptr<Planned> find_plan(std::uint64_t planning);

    // constant once started
    const std::shared_ptr<const DriverLibrary> library_;
    const rsf_functions functions_;
    HostTable host_;
    DriverExtensions extensions_;
    rsf_driver *driver_ = nullptr;

    FinishedFrames finished_; // thread-safe itself

    shared::Mutex plans_mutex_;
    std::map<std::uint64_t, std::shared_ptr<Planned>> plans_ GUARDED_BY(plans_mutex_);
    std::uint64_t last_plan_ GUARDED_BY(plans_mutex_) = 0;
};

} // namespace rsf::drivers
