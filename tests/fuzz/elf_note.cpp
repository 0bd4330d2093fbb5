// SPDX-License-Identifier: Apache-2.0
//
// The note of a driver's file, whatever the file holds.
#include "drivers/trust/elf_note.hpp"
#include "base/file_descriptor.hpp"
#include "fuzz.hpp"

#include <sys/mman.h>
#include <unistd.h>

using namespace rsf;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const base::FileDescriptor file(::memfd_create("driver", MFD_CLOEXEC));
    fuzz::require(::ftruncate(file.get(), 0) == 0 && ::pwrite(file.get(), data, size, 0) == static_cast<ssize_t>(size),
                  "a file in memory can be written");
    const auto version = drivers::read_abi_note(file.get(), "driver.so");
    if (!version) fuzz::require(!version.error().message.empty(), "a refusal has a reason");
    return 0;
}
