// SPDX-License-Identifier: Apache-2.0
//
// meaning.hpp: which JSON values have the same meaning for a cluster. Pure functions.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>

namespace rsf::dryrun::objects {

// The place of a value in its object, as far as its meaning depends on that. Views: into the object's keys.
struct Place {
    std::string_view key;    // of the member that holds the value, or that holds the list around it
    std::string_view holder; // the key of the object around that
    bool plain = false;      // within data, annotations, labels, a schema: text that means nothing to Kubernetes
    bool foreign = false;    // of a cluster that is not Kubernetes: it has no quantities, and null is a value

    Place at(std::string_view member) const;
};

// A canonical text of the value: keys sorted, members that are null left out, numbers and (where the place has quantities)
// quantities in one spelling. Two values have the same meaning if their texts are equal.
std::string meaning(const Place &place, const json::value &value);

bool is_same(const Place &place, const json::value &before, const json::value &after);

// The same, but two spellings of one quantity differ, since a cluster may act on that: a DaemonSet starts a rollout.
bool is_equal(const Place &place, const json::value &before, const json::value &after);

} // namespace rsf::dryrun::objects
