// SPDX-License-Identifier: Apache-2.0
//
// review_risks.hpp: what of a change a reviewer should look at twice. Pure functions.
#pragma once

#include <resourcifier/driver.hpp>

#include <string_view>

namespace rsf::dryrun {

// [{"path", "message"}], the paths as in review_changes.hpp; the path of the whole object is "". action, before and after are as
// in a plan's step; null: absent. Only what this change brings: nothing that was so before, and nothing for "unchanged". Values
// of Secrets may be masked.
//
// A delete that takes more along than the object; fields that the cluster refuses to change; replicas set to zero; RBAC that
// grants more, or that a binding makes matter; pods that get more rights over their node; images without a fixed tag.
json::array risks(std::string_view action, const json::object *before, const json::object *after);

// The same of a quantity that is only written otherwise, for which some workloads replace their pods all the same. changes: as in
// review_changes.hpp, of an object of that kind.
void add_rollout_risk(json::array &risks, std::string_view kind, const json::array &changes);

} // namespace rsf::dryrun
