// SPDX-License-Identifier: Apache-2.0
//
// review_live_secrets.hpp: what a plan knows to be secret before it shows anything: the Secrets of the whole configuration, as
// posted and as they are in the cluster. A step that shows another object may come first, and that object may hold a copy of
// either.
#pragma once

#include "review_secrets.hpp"
#include "review_target.hpp"

#include <resourcifier/driver.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun {

// Thread-safe.
class LiveSecrets {
  public:
    // All of them outlive it.
    LiveSecrets(const ReviewTarget &target, const PlanRequest &request, SecretTags &secrets);

    // object: of that resource. For all resources, one after the other, before learn().
    void learn_posted(std::size_t resource, const json::object &object);

    // Whichever call comes first reads all live Secrets; the others wait. What can't be read by this user is not there for the
    // plan either, but a cluster that does not answer leaves open what is secret: then this throws, and nothing may be shown.
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

    const ReviewTarget &target_;
    const PlanRequest &request_;
    SecretTags &secrets_;
    std::map<std::string_view, std::size_t> by_name_; // resources; constant after construction

    std::timed_mutex reading_;
    // guarded by reading_
    std::vector<std::size_t> unread_;                          // resources whose live values are not known yet
    std::map<std::size_t, json::object> referred_to_;          // resources as posted
    std::map<std::size_t, std::optional<json::object>> found_; // what references led to, by resource; nothing: it is not there
    std::optional<Error> unread_because_;                      // why they can't be known
};

} // namespace rsf::dryrun
