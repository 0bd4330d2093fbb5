// SPDX-License-Identifier: Apache-2.0
//
// dryrun_driver.hpp: the dryrun driver: a simulated cluster behind the driver ABI. Thread-safe.
#pragma once

#include "cluster.hpp"

#include <resourcifier/driver.hpp>

namespace rsf::dryrun {

class DryrunDriver : public Driver {
  public:
    static constexpr Description description{
        "dryrun",
        "0.1.0",
        "resourcifier",
        "docs/dryrun-driver.md",
        "keeps a simulated cluster, in memory or in a folder, so that configurations run with no cluster at all",
        R"({
  "type": "object",
  "properties": {
    "state": {
      "type": "string",
      "pattern": "^/",
      "description": "The folder that the cluster survives a restart in, as an absolute path; made if it is not there. Without it the cluster lives in memory and ends with the daemon."
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
        true};

    DryrunDriver(Host host, const json::object &settings);

    Result list(const Call &call) override;
    Result get(const Call &call) override;
    Result create(const Call &call) override;
    Result replace(const Call &call) override;
    Result remove(const Call &call) override;
    std::vector<Before> order(std::string_view ns, const std::vector<Resource> &resources) override;

  private:
    Cluster cluster_;
};

} // namespace rsf::dryrun
