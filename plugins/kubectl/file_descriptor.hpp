// SPDX-License-Identifier: Apache-2.0
//
// A file descriptor that closes itself. Not thread-safe, as any value.
#pragma once

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

} // namespace rsf::kubectl
