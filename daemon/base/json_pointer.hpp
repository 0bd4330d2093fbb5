// SPDX-License-Identifier: Apache-2.0
//
// JSON Pointers (RFC 6901), made token by token. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rsf::base {

// Appends one reference token: '~' becomes ~0, '/' becomes ~1.
void append_token(std::string &pointer, std::string_view token);

// The pointer of a mapping's value, and of a list's entry; pointer is that of the mapping or list.
std::string below(std::string pointer, std::string_view key);
std::string below(std::string pointer, std::size_t index);

} // namespace rsf::base
