// SPDX-License-Identifier: Apache-2.0
//
// Reads Prometheus' text format.
#pragma once

#include "support/files.hpp"

#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::test {

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
