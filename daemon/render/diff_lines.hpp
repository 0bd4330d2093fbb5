// SPDX-License-Identifier: Apache-2.0
//
// A unified diff taken apart for showing. Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace rsf::render {

struct DiffLine {
    enum class Kind { header, hunk, context, removed, added, note };

    Kind kind;
    std::size_t old_number = 0; // of context and removed lines, from 1
    std::size_t new_number = 0; // of context and added lines, from 1
    std::string_view text;      // without mark and newline
};

// Any text is taken: what belongs to no hunk is a header. The lines refer to diff.
std::vector<DiffLine> lines_of_diff(std::string_view diff);

} // namespace rsf::render
