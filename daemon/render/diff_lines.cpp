// SPDX-License-Identifier: Apache-2.0
#include "render/diff_lines.hpp"

#include <algorithm>
#include <charconv>

namespace rsf::render {

namespace {

struct Range {
    std::size_t start = 0, count = 1;
};

// "12,3" or "12", behind mark; moves text behind it.
bool read_range(std::string_view &text, char mark, Range &range) {
    if (text.empty() || text[0] != mark) return false;
    const char *const end = text.data() + text.size();
    auto [at, problem] = std::from_chars(text.data() + 1, end, range.start);
    if (problem != std::errc()) return false;
    if (at != end && *at == ',') {
        const auto [behind, bad] = std::from_chars(at + 1, end, range.count);
        if (bad != std::errc()) return false;
        at = behind;
    }
    text.remove_prefix(static_cast<std::size_t>(at - text.data()));
    return true;
}

// "@@ -1,2 +3,4 @@"; the ranges stay as they are when line is none.
bool read_hunk(std::string_view line, Range &before, Range &after) {
    Range old_range, new_range;
    if (!line.starts_with("@@ ")) return false;
    line.remove_prefix(3);
    if (!read_range(line, '-', old_range) || !line.starts_with(' ')) return false;
    line.remove_prefix(1);
    if (!read_range(line, '+', new_range) || !line.starts_with(" @@")) return false;
    before = old_range;
    after = new_range;
    return true;
}

} // namespace

std::vector<DiffLine> lines_of_diff(std::string_view diff) {
    using Kind = DiffLine::Kind;
    std::vector<DiffLine> lines;
    Range before{0, 0}, after{0, 0}; // lines that the hunk still has
    while (!diff.empty()) {
        const std::size_t length = std::min(diff.find('\n'), diff.size());
        const std::string_view line = diff.substr(0, length), text = line.substr(std::min<std::size_t>(1, line.size()));
        diff.remove_prefix(std::min(length + 1, diff.size()));
        const char mark = line.empty() ? ' ' : line[0]; // some editors strip the blank of an empty context line
        if (before.count > 0 && after.count > 0 && mark == ' ') {
            lines.push_back({Kind::context, before.start++, after.start++, text});
            --before.count, --after.count;
        } else if (before.count > 0 && mark == '-') {
            lines.push_back({Kind::removed, before.start++, 0, text});
            --before.count;
        } else if (after.count > 0 && mark == '+') {
            lines.push_back({Kind::added, 0, after.start++, text});
            --after.count;
        } else if (mark == '\\') {
            lines.push_back({Kind::note, 0, 0, text.substr(text.starts_with(' ') ? 1 : 0)});
        } else {
            lines.push_back({read_hunk(line, before, after) ? Kind::hunk : Kind::header, 0, 0, line});
        }
    }
    return lines;
}

} // namespace rsf::render
