// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "shared/file_descriptor.hpp"

#include <fcntl.h>

#include <cerrno>
#include <utility>

using rsf::shared::FileDescriptor;

namespace {

FileDescriptor open_null() { return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

bool is_open(int number) { return ::fcntl(number, F_GETFD) >= 0; }

} // namespace

TEST_CASE("a file descriptor is closed at its end") {
    int number = -1;
    {
        const FileDescriptor file = open_null();
        REQUIRE(file);
        number = file.get();
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
    CHECK_FALSE(FileDescriptor());
}

TEST_CASE("an assignment closes what the file descriptor had, and leaves the other empty") {
    FileDescriptor file = open_null(), other = open_null();
    const int before = file.get(), after = other.get();
    file = std::move(other);
    CHECK_FALSE(is_open(before));
    CHECK(file.get() == after);
    CHECK_FALSE(other); // NOLINT(bugprone-use-after-move): that is what is tested
    FileDescriptor &same = file;
    file = std::move(same);
    CHECK(file.get() == after);
    CHECK(is_open(after));
}

TEST_CASE("a released file descriptor stays open") {
    FileDescriptor file = open_null();
    const int number = file.release();
    CHECK_FALSE(file);
    file = FileDescriptor();
    CHECK(is_open(number));
    ::close(number);
}

TEST_CASE("close() says whether it failed, and closes once") {
    FileDescriptor file = open_null();
    ::close(file.get());
    CHECK(file.close() == -1);
    CHECK(errno == EBADF);
    CHECK(file.close() == 0);
}
