// SPDX-License-Identifier: Apache-2.0
//
// planner.hpp: one plan over another target: what each resource of a configuration would change there. It asks that target only
// for what changes nothing. Thread-safe: steps may run on several threads at once.
#pragma once

#include "deletion.hpp"
#include "earlier_steps.hpp"
#include "live_target.hpp"
#include "outlook.hpp"
#include "predictor.hpp"
#include "secrets/live_secrets.hpp"
#include "secrets/secret_tags.hpp"
#include "surroundings.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/other_target.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rsf::dryrun::planner {

class Planner : public Planning {
  public:
    // over and request outlive the planner.
    Planner(const OtherTarget &over, const PlanRequest &request);

    json::object step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) override;

  private:
    Planner(const OtherTarget &over, const PlanRequest &request, const json::object &described);

    Outlook outlook_of(const Subject &subject, const Call &call);
    Outlook outlook_before_kind_changes(const Subject &subject, const Call &call, std::string reason);
    Outlook outlook_of_create(const Subject &subject, const Call &call, std::optional<json::object> live) const;
    Outlook outlook_of_replace(const Subject &subject, const Call &call, std::optional<json::object> live) const;

    const LiveTarget target_;
    SecretTags secrets_;
    LiveSecrets live_secrets_;
    const Predictor predictor_;
    EarlierSteps earlier_steps_;
    const Deletion deletion_;
    Surroundings surroundings_; // constant after construction
};

} // namespace rsf::dryrun::planner
