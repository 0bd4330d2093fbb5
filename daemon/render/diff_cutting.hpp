// SPDX-License-Identifier: Apache-2.0
//
// Diffs cut to share a limited space. Lengths are in code points. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace rsf::render {

// The most that each of the lengths may be cut to, so that their sum is at most space. 0: not even one is left.
std::size_t fair_share(std::span<const std::size_t> lengths, std::size_t space);

// diff if it is that short; else its first and last lines, around a line that says how many are left out. Lines that alone would
// fill it are cut, too.
std::string cut_diff(std::string_view diff, std::size_t length);

} // namespace rsf::render
