// SPDX-License-Identifier: Apache-2.0
//
// Files that the settings name, opened and read without blocking: open(2) of a FIFO blocks until it has a writer, and a device
// may have no end. Thread-safe.
#pragma once

#include "shared/file_descriptor.hpp"

#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <string>

namespace rsf::shared {

// A fault is the end of a sentence that names the file: "can't be read: ...", "is not a regular file".
struct RegularFile {
    FileDescriptor opened; // none: fault says why
    struct stat status {};
    std::string fault;
};

struct FileText {
    std::string text; // empty if there is a fault
    std::string fault;
};

RegularFile open_regular_file(const std::filesystem::path &path);

// From the file's position to its end. More than that many bytes are a fault, as is a file that is not open.
FileText read_text(const RegularFile &file, std::size_t most);

// Opens and reads it.
FileText read_regular_file(const std::filesystem::path &path, std::size_t most);

} // namespace rsf::shared
