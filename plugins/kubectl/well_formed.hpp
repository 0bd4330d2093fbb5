// SPDX-License-Identifier: Apache-2.0
//
// Text of programs that may be anything, such as an object's bytes that kubectl quotes. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace rsf::kubectl {

// text as UTF-8 (RFC 3629): U+FFFD in place of each byte that is no part of a character.
std::string well_formed(std::string_view text);

} // namespace rsf::kubectl
