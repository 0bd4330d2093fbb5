// SPDX-License-Identifier: Apache-2.0
#include "render/unified_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace rsf::render {

namespace {

using Lines = std::vector<std::string_view>; // each with its newline, if it has one

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

struct Box {
    std::int64_t left, right, top, bottom; // lines [left, right) of the old text, [top, bottom) of the new one
};

struct Point {
    std::int64_t x, y;
};

class Comparison {
  public:
    Comparison(const Lines &before, const Lines &after) : gone(before.size(), 0), fresh(after.size(), 0) {
        std::unordered_map<std::string_view, std::uint32_t> numbers;
        const auto number = [&](std::string_view line) {
            return numbers.try_emplace(line, static_cast<std::uint32_t>(numbers.size())).first->second;
        };
        for (const std::string_view line : before) old_.push_back(number(line));
        for (const std::string_view line : after) new_.push_back(number(line));
        compare({0, static_cast<std::int64_t>(old_.size()), 0, static_cast<std::int64_t>(new_.size())});
    }

    std::vector<char> gone, fresh; // by line: whether it is only in the one text

  private:
    // What one split may cost, in edits, and all of them, in steps.
    static constexpr std::int64_t most_edits = 256;
    static constexpr std::int64_t most_steps = 16'000'000;
    static constexpr std::int64_t nowhere = -1;

    struct Frontier { // by diagonal, the furthest point reached: how far along the old text
        std::vector<std::int64_t> reached = std::vector<std::int64_t>(2 * most_edits + 3, nowhere);
        std::int64_t &operator[](std::int64_t diagonal) { return reached[static_cast<std::size_t>(diagonal + most_edits + 1)]; }
    };

    void compare(Box box);
    Point split(const Box &box);
    std::int64_t step(Frontier &frontier, std::int64_t diagonal, std::int64_t width, std::int64_t height) const;

    std::vector<std::uint32_t> old_, new_;
    Frontier forward_, backward_;
    std::int64_t steps_ = 0;
};

// The first part of each split is at most half as many edits, or most_edits of them: the recursion is shallow.
void Comparison::compare(Box box) {
    for (;;) {
        while (box.left < box.right && box.top < box.bottom && old_[box.left] == new_[box.top]) ++box.left, ++box.top;
        while (box.left < box.right && box.top < box.bottom && old_[box.right - 1] == new_[box.bottom - 1])
            --box.right, --box.bottom;
        if (box.left == box.right || box.top == box.bottom || steps_ > most_steps) {
            std::fill(gone.begin() + box.left, gone.begin() + box.right, 1);
            std::fill(fresh.begin() + box.top, fresh.begin() + box.bottom, 1);
            return;
        }
        const Point middle = split(box);
        compare({box.left, middle.x, box.top, middle.y});
        box.left = middle.x;
        box.top = middle.y;
    }
}

// One more edit: down from the diagonal above or right from the one below, whichever gets further.
std::int64_t Comparison::step(Frontier &frontier, std::int64_t diagonal, std::int64_t width, std::int64_t height) const {
    const std::int64_t down = frontier[diagonal + 1], before = frontier[diagonal - 1];
    const std::int64_t from_above = down != nowhere && down - diagonal <= height ? down : nowhere;
    const std::int64_t from_left = before != nowhere && before < width ? before + 1 : nowhere;
    return std::max(from_above, from_left);
}

// A point that a shortest way through the box goes through: where the search from its start meets the one from its end. When they
// don't meet soon, the furthest point of the first.
Point Comparison::split(const Box &box) {
    const std::int64_t width = box.right - box.left, height = box.bottom - box.top, delta = width - height;
    const auto meets = [&](Frontier &other, std::int64_t diagonal, std::int64_t x, std::int64_t edits) {
        const std::int64_t facing = delta - diagonal;
        return facing >= -edits && facing <= edits && other[facing] != nowhere && x + other[facing] >= width;
    };
    for (std::int64_t edits = 0; edits <= most_edits; ++edits) {
        for (Frontier *frontier : {&forward_, &backward_}) (*frontier)[edits + 1] = (*frontier)[-edits - 1] = nowhere;
        for (std::int64_t diagonal = -edits; diagonal <= edits; diagonal += 2) {
            std::int64_t x = edits == 0 ? 0 : step(forward_, diagonal, width, height);
            const std::int64_t began = x;
            while (x != nowhere && x < width && x - diagonal < height && old_[box.left + x] == new_[box.top + x - diagonal]) ++x;
            forward_[diagonal] = x;
            steps_ += 1 + x - began;
            if (x != nowhere && delta % 2 != 0 && meets(backward_, diagonal, x, edits - 1))
                return {box.left + x, box.top + x - diagonal};
        }
        for (std::int64_t diagonal = -edits; diagonal <= edits; diagonal += 2) {
            std::int64_t x = edits == 0 ? 0 : step(backward_, diagonal, width, height);
            const std::int64_t began = x;
            while (x != nowhere && x < width && x - diagonal < height &&
                   old_[box.right - 1 - x] == new_[box.bottom - 1 - x + diagonal])
                ++x;
            backward_[diagonal] = x;
            steps_ += 1 + x - began;
            if (x != nowhere && delta % 2 == 0 && meets(forward_, diagonal, x, edits))
                return {box.right - x, box.bottom - x + diagonal};
        }
    }
    Point furthest{0, 0};
    for (std::int64_t diagonal = -most_edits; diagonal <= most_edits; diagonal += 2)
        if (const std::int64_t x = forward_[diagonal]; x != nowhere && 2 * x - diagonal > furthest.x + furthest.y)
            furthest = {x, x - diagonal};
    return {box.left + furthest.x, box.top + furthest.y};
}

// A run of lines that differ: old lines [left, right), new lines [top, bottom).
std::vector<Box> changes_of(const Comparison &comparison) {
    std::vector<Box> changes;
    const std::int64_t width = static_cast<std::int64_t>(comparison.gone.size());
    const std::int64_t height = static_cast<std::int64_t>(comparison.fresh.size());
    for (std::int64_t x = 0, y = 0; x < width || y < height;) {
        const Box start{x, x, y, y};
        while (x < width && comparison.gone[x]) ++x;
        while (y < height && comparison.fresh[y]) ++y;
        if (x == start.left && y == start.top)
            ++x, ++y;
        else
            changes.push_back({start.left, x, start.top, y});
    }
    return changes;
}

std::string range(std::int64_t begin, std::int64_t end) {
    const std::int64_t length = end - begin;
    const std::string start = std::to_string(length == 0 ? begin : begin + 1);
    return length == 1 ? start : start + "," + std::to_string(length);
}

void add_lines(std::string &out, char mark, const Lines &lines, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
        out += mark;
        out += lines[i];
        if (lines[i].back() != '\n') out += "\n\\ No newline at end of file\n";
    }
}

} // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view old_name, std::string_view new_name,
                         std::size_t context) {
    if (before == after) return {};
    const Lines old_lines = lines_of(before), new_lines = lines_of(after);
    const std::vector<Box> changes = changes_of(Comparison(old_lines, new_lines));
    const auto around = static_cast<std::int64_t>(std::min(context, old_lines.size() + new_lines.size()));

    std::string out = "--- ";
    out.append(old_name).append("\n+++ ").append(new_name).append("\n");
    for (std::size_t first = 0; first < changes.size();) {
        std::size_t last = first;
        while (last + 1 < changes.size() && changes[last + 1].left - changes[last].right <= 2 * around) ++last;
        const std::int64_t lead = std::min({around, changes[first].left, changes[first].top});
        const std::int64_t trail = std::min(around, static_cast<std::int64_t>(old_lines.size()) - changes[last].right);
        out += "@@ -" + range(changes[first].left - lead, changes[last].right + trail) + " +" +
               range(changes[first].top - lead, changes[last].bottom + trail) + " @@\n";
        std::int64_t shown = changes[first].left - lead;
        for (; first <= last; ++first) {
            add_lines(out, ' ', old_lines, shown, changes[first].left);
            add_lines(out, '-', old_lines, changes[first].left, changes[first].right);
            add_lines(out, '+', new_lines, changes[first].top, changes[first].bottom);
            shown = changes[first].right;
        }
        add_lines(out, ' ', old_lines, shown, changes[last].right + trail);
    }
    return out;
}

} // namespace rsf::render
