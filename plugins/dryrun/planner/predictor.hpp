// SPDX-License-Identifier: Apache-2.0
//
// predictor.hpp: what the target would store for a write: asked of it as a dry run where its driver has one, else merged here.
// Thread-safe; it never writes.
#pragma once

#include "live_target.hpp"
#include "outlook.hpp"
#include "secrets/secret_tags.hpp"

#include <resourcifier/driver.hpp>

#include <optional>
#include <string>

namespace rsf::dryrun::planner {

class Predictor {
  public:
    // target and secrets outlive it. described: the target's description of itself.
    Predictor(const LiveTarget &target, const SecretTags &secrets, const json::object &described);

    // Whether the target's driver has a dry run.
    bool can_ask() const { return can_ask_; }

    // The call as a dry run on the target. Nothing: there is none of this write, and why_none says why. Throws the error that the
    // write would end with, and unsupported for a write at a revision that can't be asked about.
    std::optional<Result> ask(const Subject &subject, const Call &call, std::string &why_none) const;

    // What the target would store, without asking it. live: what a replace or an apply would change.
    json::object merge(const Subject &subject, const Call &call, const std::optional<json::object> &live) const;

    // Asks, or merges where the target can't be asked: after, basis and reason of the outlook.
    Outlook predict(const Subject &subject, const Call &call, const std::optional<json::object> &live) const;

  private:
    const LiveTarget &target_;
    const SecretTags &secrets_;
    const bool can_ask_;
};

} // namespace rsf::dryrun::planner
