// SPDX-License-Identifier: Apache-2.0
//
// review_merge.hpp: what a replace would store, where no server can be asked. A pure function.
#pragma once

#include <resourcifier/driver.hpp>

namespace rsf::dryrun {

// posted, and what Kubernetes keeps of live: who the object is and since when, its status, a Service's addresses and node ports,
// a Namespace's finalizers, an aggregated ClusterRole's rules; with a Secret's stringData as data. live may be empty: a create.
// No defaults: what posted leaves out goes. Sources: rest.BeforeUpdate of k8s.io/apiserver, and PrepareForUpdate of each kind's
// registry (patchAllocatedValues of Services).
json::object merged(const json::object &live, const json::object &posted);

} // namespace rsf::dryrun
