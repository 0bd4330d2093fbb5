// SPDX-License-Identifier: Apache-2.0
//
// review_lists.hpp: which entries of two lists belong together. Pure functions.
#pragma once

#include "review_meaning.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun {

constexpr std::size_t none = static_cast<std::size_t>(-1);

// Entries that belong together, in the order of after. Those that go stand first in keyed lists, elsewhere where they were.
struct Pair {
    std::size_t before = none; // none: added
    std::size_t after = none;  // none: goes
    std::string selector;      // "name=web", or the entry's number
};

struct Pairs {
    std::vector<Pair> list;
    bool reordered = false; // by keys: what is in both is in another order
};

// "name=web"; a value with odd characters is quoted.
std::string selector(std::string_view field, const json::value &value);

Pairs paired(const Place &place, const json::array &before, const json::array &after);

// As an apply pairs them: a Service's port is another one with another number, whatever its name.
Pairs paired_for_apply(const Place &place, const json::array &before, const json::array &after);

} // namespace rsf::dryrun
