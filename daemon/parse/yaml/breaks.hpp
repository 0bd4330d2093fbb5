// SPDX-License-Identifier: Apache-2.0
//
// Differences between yaml-cpp and go-yaml (YAML 1.1) in line breaks and escapes: the text as yaml-cpp must see it, and corrected
// escapes. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rsf::parse {

// U+2028 and U+2029 as they are in UTF-8: how many text has, and where the first one is (npos: none).
std::size_t count_separators(std::string_view text);
std::size_t find_separator(std::string_view text, std::size_t from = 0);

// Whether with_known_breaks() would change text.
bool has_unknown_breaks(std::string_view text);
// The text with a line feed for each carriage return that stands alone, which keeps every place; and without the blanks around
// U+2028 and U+2029, which are line breaks that stay in a quoted text, and the blanks around a line break do not.
std::string with_known_breaks(std::string_view text);

// A text that yaml-cpp read in double quotes, of well-formed UTF-8: it makes the single bytes A0 and 85 of the escapes \_ and \N.
std::string with_whole_escapes(std::string_view text);

} // namespace rsf::parse
