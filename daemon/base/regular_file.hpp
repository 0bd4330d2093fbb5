// SPDX-License-Identifier: Apache-2.0
//
// A small file's text, or an error. Thread-safe.
#pragma once

#include "base/error.hpp"
#include "shared/regular_file.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>

namespace rsf::base {

// The whole text of a regular file of at most most bytes. The error's message is the end of a sentence: "is not a regular file".
inline Result<std::string> read_regular_file(const std::filesystem::path &file, std::size_t most) {
    shared::FileText read = shared::read_regular_file(file, most);
    if (!read.fault.empty()) return invalid(std::move(read.fault));
    return std::move(read.text);
}

} // namespace rsf::base
