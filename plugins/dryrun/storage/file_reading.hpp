// SPDX-License-Identifier: Apache-2.0
//
// file_reading.hpp: reads files and folders through their descriptors. Thread-safe. Throws Error(internal), whose message has the
// path.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace rsf::dryrun::storage {

// What an errno means, for messages.
std::string error_text(int error);

// Everything from the descriptor's position to the end. path: for messages.
std::string read_whole(int fd, const std::string &path);

struct FolderEntry {
    std::string name;
    mode_t type; // S_IFREG, S_IFDIR, ...; 0: not known
};

// The entries of an open folder but "." and "..", by name. path: for messages.
std::vector<FolderEntry> entries_of(int folder, const std::string &path);

} // namespace rsf::dryrun::storage
