// SPDX-License-Identifier: Apache-2.0
//
// kinds.hpp: the kinds that a simulated cluster has: Kubernetes' own, and those that CustomResourceDefinitions added.
// Thread-safe.
#pragma once

#include "object.hpp"

#include <resourcifier/driver.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun {

struct Kind {
    GroupKind type;
    std::string plural;
    std::string singular;
    std::vector<std::string> short_names;
    std::vector<std::string> api_versions; // that are served; the preferred one first
    bool namespaced = true;

    // deployments.apps, as messages and the API's paths name it
    std::string resource() const { return type.group.empty() ? plural : plural + "." + type.group; }
    // Deployment.apps
    std::string qualified() const { return type.group.empty() ? type.kind : type.kind + "." + type.group; }
};
using KindPtr = std::shared_ptr<const Kind>; // constant; lives on after its definition went

class Kinds {
  public:
    // A type as kubectl takes it: "cm", "ConfigMap", "deployments.apps", "widgets.v1.example.com". Throws not_found, with the
    // nearest one, for a type that is not there.
    KindPtr by_type(std::string_view type) const;

    // Throws invalid, "no matches for kind", where the cluster would.
    KindPtr by_object(std::string_view api_version, std::string_view kind) const;

    // As by_object, whatever the version; null: there is no such kind.
    KindPtr find_in_any_version(std::string_view api_version, std::string_view kind) const;

    // Of those that CustomResourceDefinitions added; null: none of them is called that. Where several are, the one of group.
    KindPtr find_custom(std::string_view type, std::string_view group = {}) const;

    // Null: not there.
    KindPtr find(const GroupKind &type) const;

    // crd: a CustomResourceDefinition that was validated. Takes the place of its kind's earlier definition.
    void define(const json::object &crd);
    void forget(const GroupKind &type);

    // What definition would take from somebody else, as a sentence, or empty.
    std::string conflict_of(const json::object &crd) const;

  private:
    using List = std::vector<KindPtr>;
    std::shared_ptr<const List> custom() const;

    mutable std::mutex mutex_;
    std::shared_ptr<const List> custom_ = std::make_shared<List>(); // guarded by mutex_; the list itself is constant
};

// What a CustomResourceDefinition defines.
Kind kind_of_definition(const json::object &crd);

// The path of an object in the API, as https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris has it.
std::string selflink(const Kind &kind, const Key &key);

} // namespace rsf::dryrun
