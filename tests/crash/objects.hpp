// SPDX-License-Identifier: Apache-2.0
//
// The names of the objects that are written: a few that everybody wants, and many for large operations.
#pragma once

#include <cstddef>
#include <string>

namespace rsf::test::crash {

inline constexpr std::size_t hot_objects = 24, all_objects = 700;

inline std::string object_name(std::size_t number) { return "o" + std::to_string(number); }
inline std::string hot_object(std::size_t number) { return object_name(number % hot_objects); }

} // namespace rsf::test::crash
