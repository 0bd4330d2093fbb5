// SPDX-License-Identifier: Apache-2.0
//
// Tells whether files have changed since they were last read. Thread-safe.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

namespace rsf::kubectl::process {

// Differs once any of the files was written or replaced.
std::string stamp_of(const std::vector<std::string> &files);
std::string stamp_of(const struct stat &status); // of one

} // namespace rsf::kubectl::process
