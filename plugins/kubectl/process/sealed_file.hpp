// SPDX-License-Identifier: Apache-2.0
//
// Text in memory that a child process reads like a file. It is sealed: no process can change it. It has no name and is never on
// a disk. Thread-safe.
#pragma once

#include "kubectl/process/file_descriptor.hpp"

#include <string_view>

namespace rsf::kubectl::process {

// The descriptor stands at the text's start. label: shown in /proc, for people. Throws std::system_error when the system has no
// memory or descriptor left.
FileDescriptor sealed_file(const char *label, std::string_view text);

} // namespace rsf::kubectl::process
