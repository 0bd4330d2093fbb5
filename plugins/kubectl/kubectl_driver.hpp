// SPDX-License-Identifier: Apache-2.0
//
// The driver: reads its settings, and hands each call to the transport that they name. Thread-safe; its state is constant after
// construction.
#pragma once

#include "credentials.hpp"
#include "environment.hpp"
#include "settings.hpp"
#include "settings_schema.hpp"

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
                                             settings_schema,
                                             true,
                                             true,
                                             {},
                                             100};

    KubectlDriver(Host host, const json::object &settings);
    KubectlDriver(Host host, Settings settings, const std::vector<std::string> &host_environment);

    Result list(const Call &call) override { return transport_->list(call); }
    Result get(const Call &call) override { return transport_->get(call); }
    Result create(const Call &call) override { return transport_->create(call); }
    Result replace(const Call &call) override { return transport_->replace(call); }
    Result remove(const Call &call) override { return transport_->remove(call); }
    Result apply(const Call &call) override { return transport_->apply(call); }
    std::vector<BatchAnswer> batch(const std::vector<Call> &calls) override { return transport_->batch(calls); }
    bool takes_batches() const override { return !settings_.uses_proxy; } // with a proxy a batch would save nothing
    json::object health() const override { return transport_->health(); }
    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override;

  private:
    const Settings settings_;
    const Credentials credentials_;
    const Environment environment_;
    const std::unique_ptr<Driver> transport_;
};

} // namespace rsf::kubectl
