// SPDX-License-Identifier: Apache-2.0
//
// step_document.hpp: an outlook as the step of a plan that people read: without the cluster's bookkeeping, compared, judged for
// risks, and with secrets masked. A pure function of its arguments.
#pragma once

#include "live_target.hpp"
#include "outlook.hpp"
#include "secrets/secret_tags.hpp"

#include <resourcifier/driver.hpp>

namespace rsf::dryrun::planner {

// The members are those of a step in docs/plan.schema.json, and "object", which references of later resources read. All secrets
// that the outlook may hold were learnt before.
json::object step_document(const Subject &subject, Outlook outlook, const LiveTarget &target, const SecretTags &secrets);

} // namespace rsf::dryrun::planner
