// SPDX-License-Identifier: Apache-2.0
//
// review_meaning.hpp: which values mean the same. Pure functions.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>

namespace rsf::dryrun {

// Where in an object a value is, as far as its meaning depends on it. Views: the object's own keys.
struct Place {
    std::string_view key;    // of the member that it is, or that the list is which holds it
    std::string_view holder; // the key of the object around that
    bool plain = false;      // within data, annotations, labels, a schema: text that means nothing to Kubernetes
    bool foreign = false;    // of a cluster that is not Kubernetes: there are no quantities, and null is a value

    Place at(std::string_view member) const;
};

// A text that is the same for values that mean the same: in any order of keys, with null for nothing, with numbers of the same
// value and, where quantities belong, quantities that mean the same.
std::string meaning(const Place &place, const json::value &value);

bool is_same(const Place &place, const json::value &before, const json::value &after);

// The same, but a quantity that is written otherwise differs: a cluster may well act on that. A DaemonSet starts a rollout.
bool is_equal(const Place &place, const json::value &before, const json::value &after);

} // namespace rsf::dryrun
