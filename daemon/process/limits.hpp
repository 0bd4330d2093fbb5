// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace rsf::process {

// The limits of a driver process. Plain values.
struct ProcessLimits {
    std::string user;           // that it runs as; empty: the daemon's
    std::size_t memory = 0;     // bytes of its data (heap, stacks); 0: no limit
    std::chrono::seconds cpu{}; // of processor time in each minute of its life; 0: no limit

    friend bool operator==(const ProcessLimits &, const ProcessLimits &) = default;
};

} // namespace rsf::process
