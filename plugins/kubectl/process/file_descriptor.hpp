// SPDX-License-Identifier: Apache-2.0
//
// File descriptors, and what is thrown when the system refuses something. Not thread-safe, as any value.
#pragma once

#include "shared/file_descriptor.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <system_error>

namespace rsf::kubectl::process {

using shared::FileDescriptor;

// The system refused something: throws std::system_error with errno.
[[noreturn]] inline void throw_errno(const char *what, int error = errno) {
    throw std::system_error(error, std::generic_category(), what);
}

// Reads from pipe, which does not block. How many bytes; 0: none are there, or it has ended and is closed now.
inline std::size_t read_available(FileDescriptor &pipe, std::span<char> buffer) {
    for (;;) {
        const ssize_t size = ::read(pipe.get(), buffer.data(), buffer.size());
        if (size > 0) return static_cast<std::size_t>(size);
        if (size < 0 && errno == EINTR) continue;
        if (size == 0 || errno != EAGAIN) pipe.close();
        return 0;
    }
}

} // namespace rsf::kubectl::process
