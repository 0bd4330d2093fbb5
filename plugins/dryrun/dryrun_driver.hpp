// SPDX-License-Identifier: Apache-2.0
//
// dryrun_driver.hpp: the dryrun driver: a simulated cluster behind the driver ABI, or a planner of changes to another target.
// Thread-safe.
#pragma once

#include "dryrun/simulator/cluster.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/other_target.hpp>

#include <optional>

namespace rsf::dryrun {

class DryrunDriver : public Driver {
  public:
    static constexpr Description description{
        "dryrun",
        "0.1.0",
        "resourcifier",
        "docs/dryrun-driver.md",
        "keeps a simulated cluster, in memory or in a folder; or plans over another target what operations would change there",
        R"({
  "type": "object",
  "properties": {
    "over": {
      "type": "string",
      "format": "target",
      "description": "Another target of these settings, to plan over: every write is answered with what it would change there, and changes nothing. Without it there is a simulated cluster."
    },
    "state": {
      "type": "string",
      "pattern": "^/",
      "description": "The folder in which the cluster survives a restart, as an absolute path; created if it does not exist. Without it the cluster is in memory and ends with the daemon."
    },
    "namespace": {
      "type": "string",
      "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
      "default": "default",
      "description": "Where objects go, and are looked for, when neither they nor the request name a namespace."
    },
    "durable": {
      "type": "boolean",
      "default": true,
      "description": "Whether a change is on the disk before it is answered. false is faster, and as safe as long as only the daemon is killed; a loss of power may cost the last changes."
    }
  }
})",
        true,
        true,
        {},
        0,
        true};

    DryrunDriver(Host host, const json::object &settings);

    Result list(const Call &call) override;
    Result get(const Call &call) override;
    Result create(const Call &call) override;
    Result replace(const Call &call) override;
    Result remove(const Call &call) override;
    Result apply(const Call &call) override;
    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override;

    TypeName kind(const Call &call) override;
    Settlement settle(const Call &call) override;

    bool makes_plans() const override { return over_.has_value(); }
    std::unique_ptr<Planning> plan(const PlanRequest &request) override;

  private:
    Result write(const Call &call, Result (simulator::Cluster::*verb)(simulator::Cluster::Request));
    Result pass_on(const Call &call) const;

    std::optional<simulator::Cluster> cluster_; // exactly one of the two has a value
    std::optional<OtherTarget> over_;
};

} // namespace rsf::dryrun
