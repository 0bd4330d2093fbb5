// SPDX-License-Identifier: Apache-2.0
//
// The mistakes of one settings file, reported together. Pure.
#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace rsf::config {

// One error for all of mistakes, which are at least one, in the order of their lines and columns. One mistake stands for itself.
Error all_mistakes(const std::filesystem::path &file, std::vector<Error> mistakes);

// Whether one of mistakes is about the value at pointer itself, or about it or anything inside it.
bool has_mistake_at(const std::vector<Error> &mistakes, std::string_view pointer);
bool has_mistake_within(const std::vector<Error> &mistakes, std::string_view pointer);

} // namespace rsf::config
