// SPDX-License-Identifier: Apache-2.0
//
// changes.hpp: the differences between two objects, for people. Pure functions.
#pragma once

#include "conventions.hpp"

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>

namespace rsf::dryrun::planner {

// [{"path", "before", "after"}], some with a "note". An added field has no before, a removed one has no after; an added or
// removed subtree is one entry. The whole value has the path "".
//
// Paths: spec.template.spec.containers[name=web].image, spec.ports[port=80,protocol=TCP].targetPort, rules[2].verbs,
// metadata.annotations['example.com/x']. In '...' a backslash stands before a quote and a backslash.
//
// Not a change: another order of an object's keys; 1.0 instead of 1; and, in Kubernetes, null instead of an absent member.
// Another spelling of the same quantity (in limits, requests, capacity ..., not in data or annotations) is a change with a
// "note".
//
// Lists whose entries have keys are compared by key: container ports, volumeMounts and the like by what Kubernetes merges them by
// (https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy), others by name if each entry has its own.
// Another order of the entries is one change, of the list of keys. Lists of plain values change as a whole. Other lists are
// compared by their longest common subsequence, or by position where they are too long for that (1,000 by 1,000 entries that
// differ); the number in the path is the entry's in after, or in before if it was removed.
json::array changes(const json::value &before, const json::value &after, Conventions conventions = Conventions::kubernetes);

// after, with each value that changes() does not count as changed spelled as in before, so that a text diff does not show it
// either. The order of keys stays.
json::value spelled_as(const json::value &before, json::value after, Conventions conventions = Conventions::kubernetes);

// The path of key in the object at path.
std::string path_of_key(const std::string &path, std::string_view key);

// The path of the entry with this name in the list at path.
std::string path_of_entry(const std::string &path, std::string_view name);

} // namespace rsf::dryrun::planner
