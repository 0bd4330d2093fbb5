// SPDX-License-Identifier: Apache-2.0
//
// A file descriptor that closes itself. Not thread-safe, as any value.
#pragma once

#include <unistd.h>

#include <utility>

namespace rsf::shared {

class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) : number_(number) {}
    FileDescriptor(FileDescriptor &&other) noexcept : number_(other.release()) {}
    FileDescriptor &operator=(FileDescriptor &&other) noexcept {
        if (this == &other) return *this;
        close();
        number_ = other.release();
        return *this;
    }
    ~FileDescriptor() { close(); }

    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }

    // 0, or -1 and errno: a network file system may report a failed write only here.
    int close() { return number_ < 0 ? 0 : ::close(release()); }

  private:
    int number_ = -1;
};

} // namespace rsf::shared
