// SPDX-License-Identifier: Apache-2.0
#include "parse/yaml/blocks.hpp"

#include "parse/yaml/quotes.hpp"

#include <algorithm>

namespace rsf::parse {

namespace {

bool keeps_folded(std::string_view text, std::size_t offset) {
    if (offset >= text.size() || text[offset] != '>') return false;
    const std::size_t end = text.find_first_not_of("+-0123456789", offset + 1);
    return text.substr(offset, end - offset).find('+') != std::string_view::npos;
}

bool is_document_marker(std::string_view line) {
    return (line.starts_with("---") || line.starts_with("...")) && (line.size() == 3 || line[3] == ' ' || line[3] == '\t');
}

std::string_view take_line(std::string_view &text, bool &has_break) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    has_break = end < text.size();
    text.remove_prefix(has_break ? end + 1 : end);
    if (has_break && line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

} // namespace

std::optional<std::size_t> breaks_at_end(std::string_view text, std::size_t offset, std::string_view read) {
    offset = skip_properties(text, offset, true);
    const std::size_t first = read.find_first_not_of(" \n");
    if (first == std::string_view::npos || !keeps_folded(text, offset)) return std::nullopt;
    const std::size_t more_indented = first - (read.rfind('\n', first) + 1); // npos + 1 is 0
    text.remove_prefix(offset);
    bool has_break = false;
    take_line(text, has_break); // the header
    std::size_t indent = std::string_view::npos, breaks = 0;
    while (!text.empty()) {
        const std::string_view line = take_line(text, has_break);
        const std::size_t spaces = std::min(line.find_first_not_of(' '), line.size());
        const bool is_blank = spaces == line.size();
        if (is_document_marker(line)) break;
        if (indent == std::string_view::npos && !is_blank) indent = spaces - std::min(spaces, more_indented);
        if (!is_blank && spaces < indent) break;
        if (indent != std::string_view::npos && line.size() > indent)
            breaks = 0; // a line of blanks that is longer is content, too
        if (has_break) ++breaks;
    }
    return breaks;
}

} // namespace rsf::parse
