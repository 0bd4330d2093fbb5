// SPDX-License-Identifier: Apache-2.0
//
// Words that are found in Secrets and everywhere else: masking them everywhere would make a plan unreadable and protect nothing.
// Pure function.
#pragma once

#include <string_view>

namespace rsf::masking {

// Values of fewer bytes are found in too many places by chance.
inline constexpr std::size_t shortest_searched = 8;

// Whether text is a common word, in capitals or not. Only words of shortest_searched bytes and more are known.
bool is_plain_word(std::string_view text);

} // namespace rsf::masking
