// SPDX-License-Identifier: Apache-2.0
//
// Calls as processes, for programs that are kubectl-compatible but have no proxy: a kubectl for a read, and one for all writes
// that come at once. Thread-safe.
#pragma once

#include "kubectl/api/types/discovery.hpp"
#include "kubectl/transports/exec/exec_writes.hpp"
#include "kubectl/transports/exec/kubectl_process.hpp"
#include "kubectl/transports/type_name.hpp"
#include "shared/mutex.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::transports {

class ExecTransport : public Driver {
  public:
    // All but host outlive it.
    ExecTransport(Host host, const settings::Settings &settings, const settings::Credentials &credentials,
                  const settings::Environment &environment);

    Result list(const Call &call) override;
    Result get(const Call &call) override;
    Result create(const Call &call) override { return alone(call); }
    Result replace(const Call &call) override { return alone(call); }
    Result remove(const Call &call) override { return alone(call); }
    Result apply(const Call &call) override { return alone(call); }
    std::vector<BatchAnswer> batch(const std::vector<Call> &calls) override { return writes_.perform(calls); }

    json::object health() const override;

    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override;

    Settlement settle(const Call &call) override { return writes_.settle(call); }

    // Each look at the cluster is a process, so that built-in kinds are named without one.
    TypeName kind(const Call &call) override { return type_name(call, discovery_, false); }

  private:
    Result get(const Call &call, std::string_view type) const;
    Result alone(const Call &call) const;
    std::string default_namespace() const;

    const Host host_;
    const settings::Settings &settings_;
    const settings::Credentials &credentials_;
    const settings::Environment &environment_;
    const KubectlProcess kubectl_;
    const ExecWrites writes_;
    api::Discovery discovery_;
    mutable shared::Mutex mutex_;
    // What the kubeconfig of that stamp says.
    mutable std::string stamp_ GUARDED_BY(mutex_);
    mutable std::string default_namespace_ GUARDED_BY(mutex_);
};

} // namespace rsf::kubectl::transports
