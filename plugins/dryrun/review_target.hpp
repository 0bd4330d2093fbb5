// SPDX-License-Identifier: Apache-2.0
//
// review_target.hpp: the target that a plan is over: resources as it tells them apart, and what is read there. Thread-safe.
#pragma once

#include <resourcifier/driver.hpp>
#include <resourcifier/kubernetes.hpp>
#include <resourcifier/other_target.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun {

// A resource as it was posted, told apart.
struct Subject {
    json::object object;
    kubernetes::Identity identity;
    std::string type;   // for reads
    std::string absent; // of a delete: why nothing can be there; empty: it may be
    const std::vector<std::string> *unknown = nullptr;
};

// text as an object; throws an Error of the target where it is none.
json::object parsed(std::string_view text);

class ReviewTarget {
  public:
    // over outlives it. described: what over says of itself.
    ReviewTarget(const OtherTarget &over, const json::object &described);

    const OtherTarget &over() const { return over_; }
    bool is_kubernetes() const { return kubernetes_; } // whether it is one of ours, which are for Kubernetes alone

    // What type, name and namespace of a call leave open is taken from object. Throws what is wrong with them.
    Subject tell_apart(json::object object, std::string_view type, std::string_view name, std::string_view ns) const;

    // The same for a call, which may be a delete.
    Subject tell_apart(const Call &call) const;

    // The live object; nothing: there is none.
    std::optional<json::object> read(const Subject &subject, const Call &call) const;

    // For a delete: in whatever version the cluster has it.
    std::optional<json::object> read_deleted(const Subject &subject, const Call &call) const;

    // ns empty: of all namespaces.
    json::object list(std::string_view type, std::string_view ns, const Call &call) const;

  private:
    const OtherTarget &over_;
    const bool kubernetes_;
};

} // namespace rsf::dryrun
