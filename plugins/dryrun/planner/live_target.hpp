// SPDX-License-Identifier: Apache-2.0
//
// live_target.hpp: the target that a plan is over: which object of it a resource is, and reads of live objects. Thread-safe.
#pragma once

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>
#include <resourcifier/other_target.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun::planner {

// A resource as it was posted, and which object of the target it is.
struct Subject {
    json::object object;
    kubernetes::Identity identity;
    std::string type;   // that reads name it by
    std::string absent; // of a delete: why the object can't exist; empty: it may
    const std::vector<std::string> *unknown = nullptr;
};

// text as a JSON object; throws Error(internal) for an answer of the target that is not one.
json::object parsed_object(std::string_view text);

class LiveTarget {
  public:
    // over outlives it. described: the target's description of itself.
    LiveTarget(const OtherTarget &over, const json::object &described);

    const OtherTarget &over() const { return over_; }
    bool is_kubernetes() const { return kubernetes_; } // whether its driver is kubectl or dryrun, which are for Kubernetes only

    // The object's own kind, name and namespace count; those that it lacks are taken from the call. Throws Error(invalid).
    Subject identify(json::object object, std::string_view type, std::string_view name, std::string_view ns) const;

    // The same for a call, which may be a delete.
    Subject identify(const Call &call) const;

    // The live object; nothing: it does not exist.
    std::optional<json::object> read(const Subject &subject, const Call &call) const;

    // The same, but an empty object where it does not exist or can't be read: for details that an error message may lack.
    json::object read_or_empty(const Subject &subject, const Call &call) const;

    // For a delete: if the version that was posted is not there, in the version that the cluster prefers.
    std::optional<json::object> read_deleted(const Subject &subject, const Call &call) const;

    // ns empty: of all namespaces.
    json::object list(std::string_view type, std::string_view ns, const Call &call) const;

  private:
    const OtherTarget &over_;
    const bool kubernetes_;
};

} // namespace rsf::dryrun::planner
