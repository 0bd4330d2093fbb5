// SPDX-License-Identifier: Apache-2.0
#include "kubectl/process/sealed_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <system_error>

namespace rsf::kubectl::process {

namespace {

// Kernels from 6.3 on may be set to refuse memory files that could be executed (sysctl vm.memfd_noexec); older ones refuse the
// flag.
constexpr unsigned int no_exec_seal = 0x0008U;

} // namespace

FileDescriptor sealed_file(const char *label, std::string_view text) {
    constexpr unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    FileDescriptor made(::memfd_create(label, flags | no_exec_seal));
    if (!made && errno == EINVAL) made = FileDescriptor(::memfd_create(label, flags));
    if (!made) throw_errno("memfd_create");
    while (!text.empty()) {
        const ssize_t written = ::write(made.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw_errno("write");
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::lseek(made.get(), 0, SEEK_SET) < 0) throw_errno("lseek");
    if (::fcntl(made.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
        throw_errno("F_ADD_SEALS");
    return made;
}

} // namespace rsf::kubectl::process
