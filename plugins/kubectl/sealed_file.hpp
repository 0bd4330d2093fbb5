// SPDX-License-Identifier: Apache-2.0
//
// Text in memory that a child process can read like a file and nobody can change any more. It has no name and is never on a disk.
// Thread-safe.
#pragma once

#include "file_descriptor.hpp"

#include <string_view>

namespace rsf::kubectl {

// The descriptor stands at the text's start. label: shown in /proc, for people. Throws std::system_error when the system has no
// memory or descriptor left.
FileDescriptor sealed_file(const char *label, std::string_view text);

} // namespace rsf::kubectl
