// SPDX-License-Identifier: Apache-2.0
//
// digest.hpp: identifiers, numbers and times that are computed from a text or a number: the same input gives the same value on
// every machine and in every release. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rsf::dryrun::objects {

// A version 5 UUID (RFC 4122, 4.3) of text.
std::string uuid_of(std::string_view text);

// 64 evenly spread bits of text.
std::uint64_t number_of(std::string_view text);

// Seconds after the first moment of 2020, as RFC 3339 text. The simulated cluster has no clock: its time is its revision.
std::string timestamp_of(std::uint64_t revision);

} // namespace rsf::dryrun::objects
