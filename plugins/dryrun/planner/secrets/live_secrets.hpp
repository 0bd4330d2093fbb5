// SPDX-License-Identifier: Apache-2.0
//
// live_secrets.hpp: reads the Secrets of the whole configuration, as posted and as they are in the cluster, before the plan shows
// any object: the object of an earlier step may contain a copy of a value.
#pragma once

#include "dryrun/planner/live_target.hpp"
#include "secret_tags.hpp"

#include <resourcifier/driver.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun::planner {

// Thread-safe.
class LiveSecrets {
  public:
    // All of them outlive it.
    LiveSecrets(const LiveTarget &target, const PlanRequest &request, SecretTags &secrets);

    // To be called once for each resource, one after the other, before learn(). object: that of the resource.
    void learn_posted(std::size_t resource, const json::object &object);

    // The first call reads all live Secrets; the others wait for it. A Secret that the target's user may not read is skipped,
    // since the plan can't show it either. If the cluster does not answer, this throws and the plan must not show any object.
    void learn(const Call &call);

  private:
    enum class Source { posted, live };

    json::object posted(std::size_t resource) const;
    std::optional<std::string> posted_text(std::string_view name, std::string_view path);
    std::optional<std::string> live_text(std::size_t resource, std::string_view path, const Call &call, int steps);
    json::object filled_in_with(Source first, std::size_t resource, const Call &call, int steps);
    std::optional<Subject> subject_of(std::size_t resource, json::object object) const;
    void read_all(const Call &call);
    void read(std::size_t resource, const Call &call);
    void read_named(const Subject &subject, const Call &call);
    void read_any(const Subject &subject, const Call &call);

    const LiveTarget &target_;
    const PlanRequest &request_;
    SecretTags &secrets_;
    std::map<std::string_view, std::size_t> by_name_; // resources; constant after construction

    std::timed_mutex reading_;
    // guarded by reading_, which is waited for with a time limit: clang can't check it
    std::vector<std::size_t> unread_;                 // resources whose live Secrets are not read yet
    std::map<std::size_t, json::object> referred_to_; // resources as posted
    std::map<std::size_t, std::optional<json::object>>
        found_;                           // live objects that references lead to, by resource; nothing: it does not exist
    std::optional<Error> unread_because_; // why the live Secrets could not be read
};

} // namespace rsf::dryrun::planner
