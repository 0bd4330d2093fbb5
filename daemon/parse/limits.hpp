// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace rsf::parse {

// What a reader takes before it refuses a body.
struct Limits {
    std::size_t depth = 64;         // nested lists and mappings
    std::size_t resources = 10'000; // in one configuration
    std::size_t nodes = 1'000'000;  // values, aliases expanded
    std::size_t bytes = 60u << 20;  // of memory that those values take, about, aliases expanded

    friend bool operator==(const Limits &, const Limits &) = default;
};

} // namespace rsf::parse
