// SPDX-License-Identifier: Apache-2.0
//
// digest.hpp: values that look assigned and are computed: the same text gives the same value, everywhere. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rsf::dryrun {

// A version 5 UUID (RFC 4122, 4.3) of text.
std::string uuid_of(std::string_view text);

// 64 evenly spread bits of text.
std::uint64_t number_of(std::string_view text);

// length characters of the alphabet that Kubernetes draws the ends of generated names from.
std::string suffix_of(std::string_view text, std::size_t length);

// Seconds after the first moment of 2020, as RFC 3339 text. The simulated cluster has no clock: its time is its revision.
std::string timestamp_of(std::uint64_t revision);

} // namespace rsf::dryrun
