// SPDX-License-Identifier: Apache-2.0
//
// Text of others made harmless to look at: control characters, bad UTF-8 and characters that turn the direction of text around,
// so that a line could be shown as another than it is, are written out. Pure; the results are well-formed UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rsf::render {

// One line, cut off at about limit bytes.
std::string visible_line(std::string_view text, std::size_t limit);

// Tabs and newlines stay.
std::string visible_lines(std::string_view text);

} // namespace rsf::render
