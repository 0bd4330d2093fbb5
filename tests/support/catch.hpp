// SPDX-License-Identifier: Apache-2.0
//
// Catch2 2 (Debian 12) and 3 (Debian 13) under one name.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using namespace Catch::Matchers;
using Catch::Approx;
#else
#include <catch2/catch.hpp>
namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string &text) { return Contains(text); }
} // namespace Catch::Matchers
using namespace Catch::Matchers;
#endif
