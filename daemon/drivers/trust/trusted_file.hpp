// SPDX-License-Identifier: Apache-2.0
//
// Opens a file that only root or the daemon's own user can have put where it is. No shared state: thread-safe.
//
// Every step of the path is opened from the one before it and checked by its descriptor, so that nothing can be exchanged between
// check and use: each folder, symbolic link and the file itself must belong to root or to the daemon's effective user, and
// neither a folder nor the file may be writable by group or others. One exception: a folder with the sticky bit (such as /tmp),
// because there the kernel lets only an entry's owner rename or remove that entry, and the entry's owner is judged by the next
// step. The last step may not be a symbolic link.
#pragma once

#include "base/error.hpp"
#include "base/file_descriptor.hpp"

#include <filesystem>

namespace rsf::drivers {

// For reading, close-on-exec. Each refusal says which step of the path it is about and what to do.
Result<FileDescriptor> open_trusted(const std::filesystem::path &file);

} // namespace rsf::drivers
