// SPDX-License-Identifier: Apache-2.0
//
// Words that stand in Secrets and everywhere else: to hide them wherever they are would make a plan unreadable and hide nothing.
// Pure function.
#pragma once

#include <string_view>

namespace rsf::masking {

// Values of fewer bytes are found in too many places by chance.
inline constexpr std::size_t shortest_searched = 8;

// Whether text is a common word, in capitals or not. Only words of shortest_searched bytes and more are known.
bool is_plain_word(std::string_view text);

} // namespace rsf::masking
