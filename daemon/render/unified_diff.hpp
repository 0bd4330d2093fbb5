// SPDX-License-Identifier: Apache-2.0
//
// Two texts compared line by line, as diff -u writes it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rsf::render {

// Empty when the texts are the same. The fewest lines change (Myers, 1986) unless the texts are so different that finding them
// would take long: then more lines do, and the diff still applies. Memory is linear in the texts.
// old_name, new_name: one line each, as written behind "--- " and "+++ "; /dev/null for a file that is not there is the caller's
// to say.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view old_name, std::string_view new_name,
                         std::size_t context = 3);

} // namespace rsf::render
