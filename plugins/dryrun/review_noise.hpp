// SPDX-License-Identifier: Apache-2.0
//
// review_noise.hpp: what people are not shown of an object of Kubernetes, since it is the cluster's own bookkeeping. Pure
// functions.
#pragma once

#include <resourcifier/driver.hpp>

namespace rsf::dryrun {

// The object with its keys in the order that people write them in: apiVersion, kind and metadata first; in metadata name and
// namespace; in a list's entries name; the rest by the alphabet.
json::object in_order(json::object object);

enum class Status { left_out, shown };

// The object for people: in order, without managed fields, versions, times and the like, and without status unless it is shown.
// Maps of annotations and labels that are empty go, and so do creationTimestamp: null and the status of templates.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
json::object without_noise(json::object object, Status status = Status::left_out);

// predicted: what a dry run says would be created from posted. Without what the real create would make otherwise, by chance or by
// time: uid, times, versions, status; and, unless posted has them, addresses and ports of Services, a generated name, the
// selector and labels of a Job, what claims and volumes are bound to, a Pod's node and token volume.
json::object without_assigned(json::object predicted, const json::object &posted);

// predicted: what a dry run says would be stored in place of live. With what controllers put back at once where posted leaves it
// out: the finalizers that protect volumes and claims in use, and the token of a ServiceAccount.
json::object with_put_back(json::object predicted, const json::object &live, const json::object &posted);

} // namespace rsf::dryrun
