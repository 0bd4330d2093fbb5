// SPDX-License-Identifier: Apache-2.0
//
// A unified diff as HTML that a style sheet can show unified or side by side. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rsf::render {

std::string html_diff(std::string_view diff);

} // namespace rsf::render
