// SPDX-License-Identifier: Apache-2.0
//
// Files that the settings name, opened without waiting: a FIFO would keep its reader until somebody writes to it. Thread-safe.
#pragma once

#include "file_descriptor.hpp"

#include <sys/stat.h>

#include <string>

namespace rsf::kubectl {

struct RegularFile {
    FileDescriptor opened; // none: fault says why
    struct stat status {};
    std::string fault; // the end of a sentence that names the file: "can't be read: ..."
};

RegularFile open_regular(const std::string &path);

// Of a file of 1 MiB at most; empty if it is longer, or can't be read.
std::string text_of(const RegularFile &file);

inline constexpr std::size_t longest_text = std::size_t{1} << 20U;

} // namespace rsf::kubectl
