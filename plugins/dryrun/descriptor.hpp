// SPDX-License-Identifier: Apache-2.0
//
// descriptor.hpp: a file descriptor that closes itself. Not thread-safe.
#pragma once

#include <unistd.h>
#include <utility>

namespace rsf::dryrun {

class Descriptor {
  public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor &operator=(Descriptor &&other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() { close(); }

    bool open() const { return fd_ >= 0; }
    int get() const { return fd_; }

    // For who wants to know: a network file system may only now say that a write failed.
    int close() { return fd_ < 0 ? 0 : ::close(std::exchange(fd_, -1)); }

  private:
    int fd_;
};

} // namespace rsf::dryrun
