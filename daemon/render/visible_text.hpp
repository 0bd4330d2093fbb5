// SPDX-License-Identifier: Apache-2.0
//
// Untrusted text made safe to display: control characters, bad UTF-8 and characters that change the direction of text, which
// could disguise a line, are written as escapes. Pure; the results are well-formed UTF-8.
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
