// SPDX-License-Identifier: Apache-2.0
//
// The limits that the settings give one target. Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace rsf::config {

struct TargetLimits {
    std::size_t concurrency = 16;                   // calls at once; 1 for a driver that is not concurrent
    std::size_t queue = 256;                        // operations and reads that wait or run; one more is refused
    std::chrono::milliseconds timeout{60'000};      // each call to the driver
    std::chrono::milliseconds answer_within{0};     // a client waits for an answer no longer; 0: as long as it takes
    std::chrono::milliseconds abandon_after{5'000}; // past its deadline, a call that has not returned is given up

    friend bool operator==(const TargetLimits &, const TargetLimits &) = default;
};

// What a target's POST and PUT do: create and replace, or both apply.
enum class Strategy { create_replace, apply };

inline std::string_view to_string(Strategy strategy) { return strategy == Strategy::apply ? "apply" : "create-replace"; }

// None: it is neither of these words.
inline std::optional<Strategy> strategy_of(std::string_view word) {
    for (const Strategy strategy : {Strategy::create_replace, Strategy::apply})
        if (word == to_string(strategy)) return strategy;
    return std::nullopt;
}

} // namespace rsf::config
