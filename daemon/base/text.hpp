// SPDX-License-Identifier: Apache-2.0
//
// Helpers for messages to people.
#pragma once

#include "base/error.hpp"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace rsf::base {

// The known word that is most like word (Levenshtein distance, case ignored), or empty when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

// " (did you mean 'x'?)", or empty.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

// "there is no target 'x' (did you mean 'y'?); the targets are: y, z".
std::string no_target(std::string_view name, std::span<const std::string_view> known);

// text with control characters and bad UTF-8 escaped and its end cut off at limit bytes, for messages and logs.
std::string printable(std::string_view text, std::size_t limit = 256);

// 'text', printable.
std::string in_quotes(std::string_view text, std::size_t limit = 80);

// "signal 11 (Segmentation fault)".
std::string signal_in_words(int signal);

} // namespace rsf::base
