// SPDX-License-Identifier: Apache-2.0
//
// review_changes.hpp: what is different between two objects, for people. Pure functions.
#pragma once

#include "review_conventions.hpp"

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>

namespace rsf::dryrun {

// [{"path", "before", "after"}], some with a "note"; without before where the field is added and without after where it goes; a
// subtree that is added or goes is one entry. The whole values have the path "".
//
// Paths: spec.template.spec.containers[name=web].image, spec.ports[port=80,protocol=TCP].targetPort, rules[2].verbs,
// metadata.annotations['example.com/x']. In '...' a backslash stands before a quote and a backslash.
//
// No change are: another order of an object's keys; 1.0 instead of 1; and, in Kubernetes, null instead of nothing. A quantity
// that is written otherwise and means the same (in limits, requests, capacity ..., not in data or annotations) is one with a
// "note".
//
// Lists whose entries have keys are compared by key: container ports, volumeMounts and the like by what Kubernetes merges them by
// (https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy), others by name if each entry has its own.
// An order of its own is one change, of the list of keys. Lists of plain values change as a whole. Others are compared by their
// longest common subsequence, by position where they are too long for that (1,000 by 1,000 entries that differ); the number in
// the path counts in after, and of an entry that goes in before.
json::array changes(const json::value &before, const json::value &after, Conventions conventions = Conventions::kubernetes);

// after, with what is no change written as in before, so that a diff of both as text does not show it either. Order of keys
// aside.
json::value settled(const json::value &before, json::value after, Conventions conventions = Conventions::kubernetes);

// The path of key in the object at path.
std::string path_of_key(const std::string &path, std::string_view key);

// The path of the entry with this name in the list at path.
std::string path_of_entry(const std::string &path, std::string_view name);

} // namespace rsf::dryrun
