// SPDX-License-Identifier: Apache-2.0
//
// A unit's directives that systemd makes seccomp filters of, made into the same filters.
#pragma once

#include "unit_file.hpp"

#include <string>
#include <vector>

namespace rsf::test {

// The system calls of a name in SystemCallFilter=, which may be a group, as the installed systemd has it.
std::vector<std::string> system_calls_of(const std::string &name);

// Loads them into the kernel, for this thread and all that comes of it. Needs NoNewPrivileges. Throws std::runtime_error.
void restrict_system_calls(const UnitFile &unit);

} // namespace rsf::test
