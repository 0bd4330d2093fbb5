// SPDX-License-Identifier: Apache-2.0
//
// Reads a driver's ABI version from the ELF file itself, before any of its code could run. Trusts nothing in the file: every
// offset and size is checked against the file's length. No shared state: thread-safe.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace rsf::drivers {

struct AbiVersion {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    friend bool operator==(const AbiVersion &, const AbiVersion &) = default;
};

std::string to_string(AbiVersion version); // "1.0"

// descriptor: open for reading; its position stays where it is. file: for messages only. Refuses what is no shared object for
// this machine, what is cut short, and what carries no note of this ABI's, or two that differ.
Result<AbiVersion> read_abi_note(int descriptor, const std::filesystem::path &file);

} // namespace rsf::drivers
