// SPDX-License-Identifier: Apache-2.0
//
// Untrusted text inside Markdown (CommonMark, GitHub's and GitLab's dialects): nothing in it makes markup, a mention or a table's
// cell. Pure; the results are well-formed UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rsf::render {

// One line of prose, cut off at about limit bytes of text.
std::string markdown_prose(std::string_view text, std::size_t limit);

// One line as code, also inside a table or HTML.
std::string markdown_code(std::string_view text, std::size_t limit);

// Lines in a fence that they can't close; other control characters than tabs are made visible.
std::string markdown_fence(std::string_view language, std::string_view lines);

// In code points, as hosts of comments count.
std::size_t length_of(std::string_view text);

} // namespace rsf::render
