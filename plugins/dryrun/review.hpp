// SPDX-License-Identifier: Apache-2.0
//
// review.hpp: one plan over another target: what each resource of a configuration would change there. Asks that target only for
// what changes nothing. Steps may run on several threads at once.
#pragma once

#include "review_conventions.hpp"
#include "review_live_secrets.hpp"
#include "review_secrets.hpp"
#include "review_surroundings.hpp"
#include "review_target.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>
#include <resourcifier/other_target.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun {

class Review : public Planning {
  public:
    // over and request outlive the review.
    Review(const OtherTarget &over, const PlanRequest &request);

    json::object step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) override;

  private:
    Review(const OtherTarget &over, const PlanRequest &request, const json::object &described);

    // What would become of one.
    struct Outlook {
        std::string_view action;
        std::string_view basis;
        std::string reason;
        std::optional<json::object> before, after; // whole
        json::value object;                        // for references
        json::array takes_along;                   // identities of what goes with it
        std::vector<std::string> notices;          // more for people to look at twice
    };

    static Outlook nothing_to_delete(const std::string &why);
    Outlook look(const Subject &subject, const Call &call);
    Outlook look_later(const Subject &subject, const Call &call, std::string reason);
    Outlook create(const Subject &subject, const Call &call, std::optional<json::object> live) const;
    Outlook replace(const Subject &subject, const Call &call, std::optional<json::object> live) const;
    Outlook remove(const Subject &subject, const Call &call);
    void find_taken_along(Outlook &outlook, const Call &call) const;
    std::optional<std::string> made_first(const Subject &subject) const;
    std::optional<std::string> changed_first(const Subject &subject) const;
    std::optional<std::string> maker(const std::string &what, const std::vector<bool> &done, const std::string &sentence) const;
    Conventions conventions_of(const Outlook &outlook) const;
    bool shows_status(const Subject &subject, const Outlook &outlook) const;
    json::object merged_without_asking(const Subject &subject, const Call &call, const std::optional<json::object> &live) const;
    json::object found_or_nothing(const Subject &subject, const Call &call) const;
    Outlook foreseen(const Subject &subject, const Call &call, const std::optional<json::object> &live) const;
    std::optional<Result> dry_run(const Subject &subject, const Call &call, std::string &why_none) const;
    static std::string namespace_of(const Subject &subject, const Outlook &outlook);
    json::object document(const Subject &subject, Outlook outlook) const;

    const ReviewTarget target_;
    const bool server_; // whether the target's driver has a dry run of its own
    SecretTags secrets_;
    LiveSecrets live_secrets_;
    std::map<std::string, std::size_t> makers_; // by what only they bring: "namespace shop", "kind example.com/Widget"
    std::vector<std::string> names_;
    Surroundings surroundings_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<bool> creates_;  // resources whose step says that they would be created
    std::vector<bool> changes_;  // ... and those whose spec would be changed
    std::set<std::string> goes_; // objects that would be deleted for themselves
};

} // namespace rsf::dryrun
