// SPDX-License-Identifier: Apache-2.0
//
// Small files, read without waiting: a FIFO would keep its reader until somebody writes to it, and a device may have no end.
#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace rsf::base {

// The whole of a regular file of at most that many bytes. The error's message is the end of a sentence: "is not a regular file".
Result<std::string> read_regular_file(const std::filesystem::path &file, std::size_t most);

} // namespace rsf::base
