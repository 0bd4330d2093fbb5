// SPDX-License-Identifier: Apache-2.0
//
// noise.hpp: an object of Kubernetes without the cluster's own bookkeeping, for people. Pure functions.
#pragma once

#include <resourcifier/driver.hpp>

namespace rsf::dryrun::planner {

// The object with its keys in the order that people write them in: apiVersion, kind and metadata first; in metadata name and
// namespace; in a list's entries name; the rest by the alphabet.
json::object in_order(json::object object);

enum class Status { left_out, shown };

// The object for people: in order, without managed fields, versions, times and the like, and without status unless it is shown.
// Empty maps of annotations and labels, "creationTimestamp: null" and the status of templates are removed, too.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
json::object without_noise(json::object object, Status status = Status::left_out);

// predicted: what a dry run answered for a create of posted. The result lacks the fields that the real create would fill with
// other values: uid, times, versions, status; and, unless posted has them, addresses and ports of Services, a generated name, the
// selector and labels of a Job, the bindings of claims and volumes, a Pod's node and token volume.
json::object without_assigned(json::object predicted, const json::object &posted);

// predicted: what a dry run answered for a replace of live. The result has the fields that controllers put back at once where
// posted leaves them out: the finalizers that protect volumes and claims in use, and the token of a ServiceAccount.
json::object with_put_back(json::object predicted, const json::object &live, const json::object &posted);

} // namespace rsf::dryrun::planner
