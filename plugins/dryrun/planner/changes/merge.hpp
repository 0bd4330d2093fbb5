// SPDX-License-Identifier: Apache-2.0
//
// merge.hpp: the object that a replace would store, where the server can't be asked. A pure function.
#pragma once

#include <resourcifier/driver.hpp>

namespace rsf::dryrun::planner {

// posted, and what Kubernetes keeps of live: uid, times and versions, the status, a Service's addresses and node ports, a
// Namespace's finalizers, an aggregated ClusterRole's rules; with a Secret's stringData as data. live may be empty: a create.
// Defaults are not added: another field that posted leaves out is removed. Sources: rest.BeforeUpdate of k8s.io/apiserver, and
// PrepareForUpdate of each kind's registry (patchAllocatedValues of Services).
json::object merged(const json::object &live, const json::object &posted);

} // namespace rsf::dryrun::planner
