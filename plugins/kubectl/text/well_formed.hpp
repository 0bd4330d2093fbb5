// SPDX-License-Identifier: Apache-2.0
//
// Makes UTF-8 of a program's output, which may hold any bytes: kubectl quotes those of objects. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace rsf::kubectl::text {

// text as UTF-8 (RFC 3629): U+FFFD in place of each byte that is no part of a character.
std::string well_formed(std::string_view text);

} // namespace rsf::kubectl::text
