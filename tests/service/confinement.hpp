// SPDX-License-Identifier: Apache-2.0
//
// What a unit takes from a process, without systemd: this process becomes its user and loses what systemd would take from it by
// the kernel's means (capabilities, system calls, limits, and as root its view of the file system). What is left to systemd alone
// (cgroups, networks, user namespaces) is left out. See systemd.exec(5) and systemd's src/shared/seccomp-util.c.
#pragma once

#include "unit_file.hpp"

#include <filesystem>
#include <sys/types.h>
#include <vector>

namespace rsf::test {

// All throw std::runtime_error, after which the process is of no use.

// Throws for a directive that is not known here, so that none is thought to be tested that isn't.
void check_directives(const UnitFile &unit);

// For root alone: mounts that only this process sees. folder: is to be seen at place, which is in one of the unit's ExecPaths.
// writable: what stands there for the unit's StateDirectory and so on.
void confine_view(const UnitFile &unit, const std::filesystem::path &folder, const std::filesystem::path &place,
                  const std::vector<std::filesystem::path> &writable);

// user and group: whom it becomes, if it is root.
void confine(const UnitFile &unit, uid_t user, gid_t group);

} // namespace rsf::test
