// SPDX-License-Identifier: Apache-2.0
#include "base/regular_file.hpp"

#include "base/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace rsf::base {

namespace {

Error because(std::string message) { return {Code::invalid, std::move(message), {}, {}}; }

Error cant_be_read() { return because("can't be read: " + std::generic_category().message(errno)); }

std::string fault_of(const struct stat &status) {
    if (S_ISDIR(status.st_mode)) return "is a folder, not a file";
    return S_ISREG(status.st_mode) ? "" : "is not a regular file";
}

} // namespace

Result<std::string> read_regular_file(const std::filesystem::path &path, std::size_t most) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return cant_be_read();
    if (std::string fault = fault_of(status); !fault.empty())
        return because(std::move(fault)); // to open some devices has an effect
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file || ::fstat(file.get(), &status) != 0) return cant_be_read();
    if (std::string fault = fault_of(status); !fault.empty()) return because(std::move(fault)); // another took its place
    std::string text;
    std::array<char, 16'384> piece{};
    for (;;) {
        const ssize_t count = ::read(file.get(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return cant_be_read();
        if (count == 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(count));
        if (text.size() > most) return because("is larger than " + std::to_string(most) + " bytes");
    }
}

} // namespace rsf::base
