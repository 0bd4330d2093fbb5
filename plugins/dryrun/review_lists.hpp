// SPDX-License-Identifier: Apache-2.0
//
// review_lists.hpp: which values of two objects mean the same, and which entries of two lists belong together. Pure functions.
#pragma once

#include <resourcifier/driver.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun {

// Where in an object a value is, as far as its meaning depends on it. Views: the object's own keys.
struct Place {
    std::string_view key;    // of the member that it is, or that the list is which holds it
    std::string_view holder; // the key of the object around that
    bool plain = false;      // within data, annotations, labels, a schema: text that means nothing to Kubernetes

    Place at(std::string_view member) const;
};

// Equal, or quantities that mean the same where quantities belong.
bool is_same(const Place &place, const json::value &before, const json::value &after);

constexpr std::size_t none = static_cast<std::size_t>(-1);

// Entries that belong together, in the order of after. Those that go stand first in keyed lists, elsewhere where they were.
struct Pair {
    std::size_t before = none; // none: added
    std::size_t after = none;  // none: goes
    std::string selector;      // "name=web", or the entry's number
};

struct Pairs {
    std::vector<Pair> list;
    bool keyed = false;
    bool reordered = false; // keyed: what is in both is in another order
};

// "name=web"; a value with odd characters is quoted.
std::string selector(std::string_view field, const json::value &value);

Pairs paired(const Place &place, const json::array &before, const json::array &after);

} // namespace rsf::dryrun
