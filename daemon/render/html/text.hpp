// SPDX-License-Identifier: Apache-2.0
//
// Untrusted text inside HTML. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rsf::render {

// For element content and quoted attributes, with what visible_lines() writes out.
std::string escaped(std::string_view text);

} // namespace rsf::render
