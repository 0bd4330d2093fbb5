// SPDX-License-Identifier: Apache-2.0
//
// list_pairs.hpp: which entries of a list before and after a change are the same entry. Pure functions.
#pragma once

#include "meaning.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun::objects {

constexpr std::size_t none = static_cast<std::size_t>(-1);

// One entry, before and after. Pairs are in the order of after; removed entries come first in keyed lists, and elsewhere at their
// old place.
struct Pair {
    std::size_t before = none; // none: added
    std::size_t after = none;  // none: removed
    std::string selector;      // "name=web", or the entry's number
};

struct Pairs {
    std::vector<Pair> list;
    bool reordered = false; // keyed lists: the entries that are in both are in another order

    // Whether the entries were paired by keys. false for empty lists.
    bool is_keyed() const { return !list.empty() && list.front().selector.find('=') != std::string::npos; }
};

// "name=web"; a value with odd characters is quoted.
std::string selector(std::string_view field, const json::value &value);

Pairs paired(const Place &place, const json::array &before, const json::array &after);

// As an apply pairs them: the ports of a Service are paired by number and protocol, not by name.
Pairs paired_for_apply(const Place &place, const json::array &before, const json::array &after);

} // namespace rsf::dryrun::objects
