// SPDX-License-Identifier: Apache-2.0
#include "shared/regular_file.hpp"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace rsf::shared {

namespace {

std::string cant_be_read() { return "can't be read: " + std::generic_category().message(errno); }

// Empty for a regular file.
std::string fault_of(const struct stat &status) {
    if (S_ISDIR(status.st_mode)) return "is a folder, not a file";
    return S_ISREG(status.st_mode) ? "" : "is not a regular file";
}

} // namespace

RegularFile open_regular_file(const std::filesystem::path &path) {
    RegularFile file;
    if (::stat(path.c_str(), &file.status) != 0) // before open(2), which has side effects for some devices
        file.fault = cant_be_read();
    else
        file.fault = fault_of(file.status);
    if (!file.fault.empty()) return file;
    file.opened = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.opened || ::fstat(file.opened.get(), &file.status) != 0)
        file.fault = cant_be_read();
    else
        file.fault = fault_of(file.status); // again: the path may name another file by now
    if (!file.fault.empty()) file.opened.close();
    return file;
}

FileText read_text(const RegularFile &file, std::size_t most) {
    if (!file.opened) return {{}, file.fault};
    std::string text;
    std::array<char, 16'384> piece{};
    for (;;) {
        const ssize_t count = ::read(file.opened.get(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return {{}, cant_be_read()};
        if (count == 0) return {std::move(text), {}};
        text.append(piece.data(), static_cast<std::size_t>(count));
        if (text.size() > most) return {{}, "is larger than " + std::to_string(most) + " bytes"};
    }
}

FileText read_regular_file(const std::filesystem::path &path, std::size_t most) {
    return read_text(open_regular_file(path), most);
}

} // namespace rsf::shared
