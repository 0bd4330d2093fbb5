// SPDX-License-Identifier: Apache-2.0
//
// The driver: reads its settings, and hands each call to the transport that they name. Thread-safe; its state is constant after
// construction.
#pragma once

#include "kubectl/settings/credentials.hpp"
#include "kubectl/settings/environment.hpp"
#include "kubectl/settings/expiry.hpp"
#include "kubectl/settings/settings.hpp"
#include "kubectl/settings/settings_schema.hpp"

#include <resourcifier/driver.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl {

class KubectlDriver : public Driver {
  public:
    static constexpr Description description{"kubectl",
                                             RESOURCIFIER_VERSION,
                                             "resourcifier",
                                             "https://kubernetes.io/docs/reference/kubectl/",
                                             "deploys to a Kubernetes cluster with kubectl",
                                             settings::settings_schema,
                                             true,
                                             true,
                                             {},
                                             100,
                                             true};

    KubectlDriver(Host host, const json::object &settings);
    KubectlDriver(Host host, settings::Settings settings, const std::vector<std::string> &host_environment);

    Result list(const Call &call) override { return perform(call, &Driver::list); }
    Result get(const Call &call) override { return perform(call, &Driver::get); }
    Result create(const Call &call) override { return perform(call, &Driver::create); }
    Result replace(const Call &call) override { return perform(call, &Driver::replace); }
    Result remove(const Call &call) override { return perform(call, &Driver::remove); }
    Result apply(const Call &call) override { return perform(call, &Driver::apply); }
    std::vector<BatchAnswer> batch(const std::vector<Call> &calls) override;
    bool takes_batches() const override { return !settings_.uses_proxy; } // with a proxy a batch would save nothing
    json::object health() const override;
    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override;
    TypeName kind(const Call &call) override;
    Settlement settle(const Call &call) override;

  private:
    Result perform(const Call &call, Result (Driver::*verb)(const Call &));

    const settings::Settings settings_;
    settings::Credentials credentials_;
    const settings::Environment environment_;
    const settings::Expiry expiry_;
    const std::unique_ptr<Driver> transport_;
};

} // namespace rsf::kubectl
