// SPDX-License-Identifier: Apache-2.0
//
// The driver's side: what a driver process does, "resourcifierd driver-host". It is started by the daemon (child_process.hpp),
// talks with it alone, and ends with it.
#pragma once

#include <filesystem>
#include <string>

namespace rsf::process {

// Returns only, with the exit code, when it was not started by a daemon.
int run_driver_host(const std::string &target, const std::filesystem::path &driver);

} // namespace rsf::process
