// SPDX-License-Identifier: Apache-2.0
//
// A plan as a comment on a pull request. Pure.
#pragma once

#include "render/plan_document.hpp"

#include <cstddef>
#include <string>

namespace rsf::render {

// In code points. GitHub takes 65,536; some of the rest is for what a script puts around it.
inline constexpr std::size_t longest_markdown = 64'000;

// GitHub's Markdown. What does not fit is left out, and the text says what: the middle of diffs, then whole diffs, then rows of
// the table; of very many errors, risks and warnings, the last.
std::string markdown(const PlanDocument &plan);

} // namespace rsf::render
