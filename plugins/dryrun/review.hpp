// SPDX-License-Identifier: Apache-2.0
//
// review.hpp: one plan over another target: what each resource of a configuration would change there. Asks that target only for
// what changes nothing. Steps may run on several threads at once.
#pragma once

#include "review_secrets.hpp"

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
    // over outlives the review, and request's texts do.
    Review(const OtherTarget &over, const PlanRequest &request);

    json::object step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) override;

  private:
    Review(const OtherTarget &over, const PlanRequest &request, const json::object &described);

    // A resource as it was posted, told apart.
    struct Subject {
        json::object object;
        kubernetes::Identity identity;
        std::string type; // for reads
        const std::vector<std::string> *unknown = nullptr;
    };
    // What would become of one.
    struct Outlook {
        std::string_view action;
        std::string_view basis;
        std::string reason;
        std::optional<json::object> before, after; // whole
        json::value object;                        // for references
        json::array takes_along;                   // identities of what goes with it
        std::string doubt;                         // why there may be more of them
    };

    Subject tell_apart(const Call &call) const;
    Outlook look(const Subject &subject, const Call &call);
    Outlook create(const Subject &subject, const Call &call, std::optional<json::object> live) const;
    Outlook replace(const Subject &subject, const Call &call, std::optional<json::object> live) const;
    Outlook remove(const Subject &subject, const Call &call, std::optional<json::object> live);
    void find_taken_along(Outlook &outlook, const Call &call) const;
    std::optional<std::string> made_first(const Subject &subject) const;
    std::optional<json::object> read(const Subject &subject, const Call &call) const;
    Outlook foreseen(const Subject &subject, const Call &call, const std::optional<json::object> &live) const;
    Result dry_run(const Subject &subject, const Call &call) const;
    json::object document(const Subject &subject, Outlook outlook) const;

    const OtherTarget &over_;
    const bool server_; // whether the target's driver has a dry run of its own
    SecretTags secrets_;
    std::map<std::string, std::size_t> makers_; // by what only they bring: "namespace shop", "kind example.com/Widget"
    std::vector<std::string> names_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<bool> creates_;  // resources whose step says that they would be created
    std::set<std::string> goes_; // objects that would be deleted for themselves
};

} // namespace rsf::dryrun
