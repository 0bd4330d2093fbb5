// SPDX-License-Identifier: Apache-2.0
//
// What tells whether files were changed. Thread-safe.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

namespace rsf::kubectl {

// Another text once any of the files was written, or is another one.
std::string stamp_of(const std::vector<std::string> &files);
std::string stamp_of(const struct stat &status); // of one

} // namespace rsf::kubectl
