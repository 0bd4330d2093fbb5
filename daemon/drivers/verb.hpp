// SPDX-License-Identifier: Apache-2.0
//
// What a driver can be asked to do. The numbers are the driver ABI's. Plain values: thread-safe as values are.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rsf::drivers {

enum class Verb : std::uint32_t { list = 1, get = 2, create = 3, replace = 4, remove = 5, apply = 6 };

std::string_view to_string(Verb verb); // "list", …, "delete", "apply"
// The one that writes and is called so.
std::optional<Verb> write_of(std::string_view word);

} // namespace rsf::drivers
