// SPDX-License-Identifier: Apache-2.0
//
// earlier_steps.hpp: what the steps of a plan found out so far, as far as later steps depend on it: which namespaces and kinds
// the configuration makes or changes, and which objects it deletes. Thread-safe once all resources are added.
#pragma once

#include "shared/mutex.hpp"

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun::planner {

class EarlierSteps {
  public:
    // In the order of the configuration, before the first step. object: as posted.
    void add(std::string_view name, const json::object &object);

    // Why an object can't exist yet: an earlier step creates its namespace or its kind. A sentence, or nothing.
    std::optional<std::string> made_first(const kubernetes::Identity &identity) const;

    // Why the cluster's answer about an object would not hold: an earlier step changes the definition of its kind, and the
    // cluster validates and prunes by the definition that it has now. A sentence, or nothing.
    std::optional<std::string> changed_first(const kubernetes::Identity &identity) const;

    // The step of that resource creates its object, or changes the spec of it.
    void note(std::size_t resource, bool creates, bool changes_spec);

    // A step deletes this live object.
    void note_deletion(const json::object &live);
    bool deletes(const json::object &live) const;

  private:
    std::optional<std::string> because_of(const std::string &what, const std::vector<bool> &done,
                                          const std::string &sentence) const REQUIRES(mutex_);

    // constant once all resources are added
    std::map<std::string, std::size_t> makers_; // resources by what only they make: "namespace shop", "kind example.com/Widget"
    std::vector<std::string> names_;

    mutable shared::Mutex mutex_;
    std::vector<bool> creates_ GUARDED_BY(mutex_);     // by resource
    std::vector<bool> changes_ GUARDED_BY(mutex_);     // by resource
    std::set<std::string> deletes_ GUARDED_BY(mutex_); // key_of() of live objects
};

} // namespace rsf::dryrun::planner
