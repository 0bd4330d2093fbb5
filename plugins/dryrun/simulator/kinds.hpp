// SPDX-License-Identifier: Apache-2.0
//
// kinds.hpp: the kinds that a simulated cluster has: Kubernetes' own, and those that CustomResourceDefinitions added.
// Thread-safe.
#pragma once

#include "dryrun/storage/record.hpp"
#include "shared/mutex.hpp"

#include <resourcifier/driver.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun::simulator {

using storage::GroupKind;
using storage::Key;

struct Kind {
    GroupKind type;
    std::string plural;
    std::string singular;
    std::vector<std::string> short_names;
    std::vector<std::string> api_versions; // served ones, the preferred one first
    bool namespaced = true;

    // deployments.apps, as messages and the API's paths name it
    std::string resource() const { return type.group.empty() ? plural : plural + "." + type.group; }
    // Deployment.apps
    std::string qualified() const { return type.group.empty() ? type.kind : type.kind + "." + type.group; }
};
using KindPtr = std::shared_ptr<const Kind>; // constant; outlives its definition

class Kinds {
  public:
    // A type as kubectl takes it: "cm", "ConfigMap", "deployments.apps", "widgets.v1.example.com". Throws Error(not_found), which
    // names the nearest type.
    KindPtr by_type(std::string_view type) const;

    // Throws Error(invalid), "no matches for kind", where a cluster would.
    KindPtr by_object(std::string_view api_version, std::string_view kind) const;

    // As by_object, but in any version; null: there is no such kind.
    KindPtr find_in_any_version(std::string_view api_version, std::string_view kind) const;

    // Among the kinds that CustomResourceDefinitions added; null: not found. If several have the name, that of group is
    // preferred.
    KindPtr find_custom(std::string_view type, std::string_view group = {}) const;

    // null: not found.
    KindPtr find(const GroupKind &type) const;

    // crd: a validated CustomResourceDefinition. It replaces the kind's earlier definition.
    void define(const json::object &crd);
    void forget(const GroupKind &type);

    // Which name of another kind the definition would take, as a sentence; empty: none.
    std::string conflict_of(const json::object &crd) const;

  private:
    using List = std::vector<KindPtr>;
    std::shared_ptr<const List> custom() const;

    mutable shared::Mutex mutex_;
    std::shared_ptr<const List> custom_ GUARDED_BY(mutex_) = std::make_shared<List>(); // the list itself is constant
};

// The kind that a CustomResourceDefinition defines.
Kind kind_of_definition(const json::object &crd);

// The path of an object in the API, as https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris has it.
std::string selflink(const Kind &kind, const Key &key);

} // namespace rsf::dryrun::simulator
