// SPDX-License-Identifier: Apache-2.0
//
// Sizes and times as the settings file writes them: a whole number and a unit. Pure.
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rsf::config {

// "8MiB" in bytes: a whole number above 0 (at most 2^31 - 1) and B, KiB, MiB or GiB. The error says what is wrong with it.
Result<std::size_t> size_of(std::string_view text);

// "30s": the same with ms, s, min, h or d.
Result<std::chrono::milliseconds> time_of(std::string_view text, bool may_be_zero = false);

// The shortest text that size_of() and time_of() read so: "8MiB", "30s".
std::string size_text(std::size_t size);
std::string time_text(std::chrono::milliseconds time);

constexpr std::chrono::milliseconds longest_time = std::chrono::hours(8760); // so that no clock overflows

} // namespace rsf::config
