// SPDX-License-Identifier: Apache-2.0
//
// conventions.hpp: whether objects follow the conventions of Kubernetes, which decide what in them is the cluster's own
// bookkeeping. Pure functions.
#pragma once

#include <resourcifier/driver.hpp>

namespace rsf::dryrun::planner {

enum class Conventions {
    kubernetes,
    foreign, // of another kind of cluster: every field is the client's
};

// Whether an API server has stored the object: apiVersion, kind, and in metadata a uid and a creationTimestamp of their forms.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
bool is_kept_by_api_server(const json::object &object);

// Whether a create of posted sets the status that a dry run predicts. Most kinds leave the status to controllers and ignore a
// posted one. A custom kind without the status subresource stores it. A status that is not a mapping follows no convention, so
// that it counts as set.
bool sets_status(const json::object &predicted, const json::object &posted);

// The same for a replace of live: it sets another status, or removes it.
bool changes_status(const json::object &live, const json::object &predicted, const json::object &posted);

} // namespace rsf::dryrun::planner
