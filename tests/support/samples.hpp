// SPDX-License-Identifier: Apache-2.0
//
// Reads Prometheus' text format.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::test {

inline std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        lines.emplace_back(line);
        text.remove_prefix(std::min(text.size(), line.size() + 1));
    }
    return lines;
}

// The value of the series that is written so: "name{label=\"value\"}", its labels in the order of their names.
inline std::optional<double> sample(std::string_view text, std::string_view series) {
    for (const std::string &line : lines_of(text))
        if (line.starts_with(series) && line.size() > series.size() && line[series.size()] == ' ')
            return std::strtod(line.c_str() + series.size() + 1, nullptr);
    return std::nullopt;
}

// How many samples there are whose lines begin so.
inline std::size_t count_samples(std::string_view text, std::string_view beginning = {}) {
    std::size_t count = 0;
    for (const std::string &line : lines_of(text)) count += !line.empty() && line[0] != '#' && line.starts_with(beginning);
    return count;
}

} // namespace rsf::test
