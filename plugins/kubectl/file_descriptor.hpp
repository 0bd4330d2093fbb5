// SPDX-License-Identifier: Apache-2.0
//
// A file descriptor that closes itself. Not thread-safe, as any value.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace rsf::kubectl {

// The system refused something: throws std::system_error with errno.
[[noreturn]] inline void throw_errno(const char *what, int error = errno) {
    throw std::system_error(error, std::generic_category(), what);
}

class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(FileDescriptor &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor &operator=(FileDescriptor &&other) noexcept {
        std::swap(fd_, other.fd_);
        other.close();
        return *this;
    }
    ~FileDescriptor() { close(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

  private:
    int fd_ = -1;
};

// The same file at a descriptor above those that a child's own files are put at, closed on exec: so that putting one file in its
// place overwrites none that is still needed, in a host that runs without standard streams too.
inline FileDescriptor raised(FileDescriptor low) {
    constexpr int first = 10;
    if (low.get() >= first) return low;
    FileDescriptor high(::fcntl(low.get(), F_DUPFD_CLOEXEC, first));
    if (!high) throw_errno("fcntl");
    return high;
}

} // namespace rsf::kubectl
