// SPDX-License-Identifier: Apache-2.0
//
// risks.hpp: the parts of a change that a reviewer should look at twice. Pure functions.
#pragma once

#include <resourcifier/driver.hpp>

#include <string_view>

namespace rsf::dryrun::planner {

// [{"path", "message"}], the paths as in changes.hpp; the path of the whole object is "". action, before and after are as
// in a plan's step; null: absent. A risk that was there before the change is left out, and "unchanged" has none. Values
// of Secrets may be masked.
//
// Risks are: a delete that deletes other objects or data, too; a field that the cluster refuses to change; replicas set to zero;
// RBAC rules that grant more, and bindings to them; pods that get more rights over their node; images without a fixed tag.
json::array risks(std::string_view action, const json::object *before, const json::object *after);

// Adds the risk that a workload replaces its pods for a quantity that is only written otherwise. changes: as in changes.hpp, of
// an object of that kind.
void add_rollout_risk(json::array &risks, std::string_view kind, const json::array &changes);

} // namespace rsf::dryrun::planner
