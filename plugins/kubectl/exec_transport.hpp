// SPDX-License-Identifier: Apache-2.0
//
// Calls as processes, for programs that are kubectl-compatible but have no proxy: a kubectl for a read, and one for all writes
// that come at once. Thread-safe.
#pragma once

#include "discovery.hpp"
#include "exec_writes.hpp"
#include "kubectl_process.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl {

class ExecTransport : public Driver {
  public:
    // All but host outlive it.
    ExecTransport(Host host, const Settings &settings, const Credentials &credentials, const Environment &environment);

    Result list(const Call &call) override;
    Result get(const Call &call) override;
    Result create(const Call &call) override { return alone(call); }
    Result replace(const Call &call) override { return alone(call); }
    Result remove(const Call &call) override { return alone(call); }
    Result apply(const Call &call) override { return alone(call); }
    std::vector<BatchAnswer> batch(const std::vector<Call> &calls) override { return writes_.perform(calls); }

    json::object health() const override;

    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override;

  private:
    Result get(const Call &call, std::string_view type) const;
    Result alone(const Call &call) const;
    std::string default_namespace() const;

    const Host host_;
    const Settings &settings_;
    const Credentials &credentials_;
    const Environment &environment_;
    const KubectlProcess kubectl_;
    const ExecWrites writes_;
    Discovery discovery_;
    mutable std::mutex mutex_;
    // Guarded by mutex_: what the kubeconfig of that stamp says.
    mutable std::string stamp_, default_namespace_;
};

} // namespace rsf::kubectl
