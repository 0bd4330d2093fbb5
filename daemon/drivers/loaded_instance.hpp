// SPDX-License-Identifier: Apache-2.0
//
// A driver instance in this process: the only place that calls through the driver ABI. Made whole or not at all, destroyed with
// its object.
#pragma once

#include "base/error.hpp"
#include "drivers/call_frame.hpp"
#include "drivers/driver_extensions.hpp"
#include "drivers/driver_library.hpp"
#include "drivers/host_table.hpp"
#include "drivers/instance.hpp"

#include <resourcifier/driver.h>

#include <map>
#include <memory>
#include <mutex>

namespace rsf::drivers {

class LoadedInstance final : public Instance {
  public:
    // settings: JSON that fits the driver's schema, defaults filled in.
    static Result<std::unique_ptr<LoadedInstance>> create(std::shared_ptr<const DriverLibrary> library, std::string target_name,
                                                          const std::string &settings, std::shared_ptr<Host> host);
    ~LoadedInstance() override;

    const Offered &offered() const override { return extensions_.offered; }
    Heard<Said> perform(const Call &call) override;
    Heard<std::vector<Said>> perform_all(const std::vector<Call> &calls) override;
    Heard<Orderings> order(std::string_view ns, const std::vector<Orderable> &resources) override;
    Heard<Said> health() override;
    Heard<Begun> begin_plan(Verb verb, std::string_view ns, const std::vector<Orderable> &resources) override;
    Heard<Said> step_plan(std::uint64_t planning, std::size_t resource, const Call &call, std::string_view unknown) override;
    Heard<std::string> end_plan(std::uint64_t planning) override;

  private:
    class Planned;

    LoadedInstance(std::shared_ptr<const DriverLibrary> library, std::string target_name, std::shared_ptr<Host> host);
    Result<void> start(const std::string &settings);
    Error fault(std::string_view during, std::string_view what) const;
    template <class Work> Said during(const Call &call, Work work);
    std::shared_ptr<Planned> find_plan(std::uint64_t planning);

    // constant once started
    const std::shared_ptr<const DriverLibrary> library_;
    const rsf_functions functions_;
    HostTable host_;
    DriverExtensions extensions_;
    rsf_driver *driver_ = nullptr;

    FrameRest rest_; // thread-safe itself

    std::mutex plans_mutex_;
    std::map<std::uint64_t, std::shared_ptr<Planned>> plans_; // guarded by plans_mutex_
    std::uint64_t last_plan_ = 0;                             // guarded by plans_mutex_
};

} // namespace rsf::drivers
