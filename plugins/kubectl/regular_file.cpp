// SPDX-License-Identifier: Apache-2.0
#include "regular_file.hpp"

#include <fcntl.h>

#include <array>
#include <system_error>

namespace rsf::kubectl {

namespace {

std::string cant_be_read() { return "can't be read: " + std::generic_category().message(errno); }

// Empty for a regular file.
std::string fault_of(const struct stat &status) {
    if (S_ISDIR(status.st_mode)) return "is a folder, not a file";
    return S_ISREG(status.st_mode) ? "" : "is not a regular file";
}

} // namespace

RegularFile open_regular(const std::string &path) {
    RegularFile file;
    if (::stat(path.c_str(), &file.status) != 0) // before it is opened: to open some devices has an effect
        file.fault = cant_be_read();
    else
        file.fault = fault_of(file.status);
    if (!file.fault.empty()) return file;
    file.opened = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.opened || ::fstat(file.opened.get(), &file.status) != 0)
        file.fault = cant_be_read();
    else
        file.fault = fault_of(file.status); // another one may have taken its place
    if (!file.fault.empty()) file.opened.close();
    return file;
}

std::string text_of(const RegularFile &file) {
    std::string text;
    if (!file.opened) return text;
    std::array<char, 16'384> piece{};
    while (text.size() <= longest_text) {
        const ssize_t count = ::read(file.opened.get(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return {};
        if (count == 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
    return {};
}

} // namespace rsf::kubectl
