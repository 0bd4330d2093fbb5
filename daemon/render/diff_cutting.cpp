// SPDX-License-Identifier: Apache-2.0
#include "render/diff_cutting.hpp"

#include "render/markdown_text.hpp"

#include <algorithm>
#include <vector>

namespace rsf::render {

namespace {

// The first length code points, at most.
std::string_view beginning(std::string_view text, std::size_t length) {
    std::size_t at = 0;
    for (; at < text.size(); ++at)
        if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && length-- == 0) break;
    return text.substr(0, at);
}

std::vector<std::string> short_lines(std::string_view text, std::size_t longest) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, length), kept = beginning(line, longest);
        lines.push_back(std::string(kept) + (kept.size() < line.size() ? "…\n" : "\n"));
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return lines;
}

} // namespace

std::size_t fair_share(std::span<const std::size_t> lengths, std::size_t space) {
    std::vector<std::size_t> sorted(lengths.begin(), lengths.end());
    std::ranges::sort(sorted);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const std::size_t share = space / (sorted.size() - i);
        if (sorted[i] > share) return share;
        space -= sorted[i];
    }
    return sorted.empty() ? 0 : sorted.back();
}

std::string cut_diff(std::string_view diff, std::size_t length) {
    if (length_of(diff) <= length) return std::string(diff);
    constexpr std::size_t longest_notice = 40;
    const std::size_t space = length > longest_notice ? length - longest_notice : 0;
    const std::vector<std::string> lines = short_lines(diff, space / 4);
    std::string head, tail;
    std::size_t first = 0, last = lines.size(), used = 0;
    const auto fits = [&](const std::string &line, std::size_t until) {
        const std::size_t more = length_of(line);
        if (used + more > until) return false;
        used += more;
        return true;
    };
    while (first < last && fits(lines[first], space * 2 / 3)) head += lines[first++];
    while (first < last && fits(lines[last - 1], space)) tail.insert(0, lines[--last]);
    if (first == last) return head + tail; // long lines were all there was to cut
    return head + "… " + std::to_string(last - first) + (last - first == 1 ? " line" : " lines") + " left out …\n" + tail;
}

} // namespace rsf::render
