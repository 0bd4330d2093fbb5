// SPDX-License-Identifier: Apache-2.0
//
// deletion.hpp: what a delete would do, with the objects that the cluster deletes along with it. Thread-safe; it never deletes.
#pragma once

#include "earlier_steps.hpp"
#include "live_target.hpp"
#include "outlook.hpp"
#include "predictor.hpp"
#include "secrets/secret_tags.hpp"

#include <string>

namespace rsf::dryrun::planner {

class Deletion {
  public:
    // All of them outlive it.
    Deletion(const LiveTarget &target, const Predictor &predictor, SecretTags &secrets, EarlierSteps &earlier_steps)
        : target_(target), predictor_(predictor), secrets_(secrets), earlier_steps_(earlier_steps) {}

    Outlook outlook_of(const Subject &subject, const Call &call) const;

  private:
    void find_taken_along(Outlook &outlook, const Call &call) const;

    const LiveTarget &target_;
    const Predictor &predictor_;
    SecretTags &secrets_;
    EarlierSteps &earlier_steps_;
};

// Of an object that can't exist. why: Subject::absent.
Outlook nothing_to_delete(const std::string &why);

// What to say of a live object that is being deleted already; empty: it is not.
std::string notice_of_deletion(const json::object &live);

} // namespace rsf::dryrun::planner
