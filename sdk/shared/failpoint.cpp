// SPDX-License-Identifier: Apache-2.0
#include "shared/failpoint.hpp"

#ifdef RESOURCIFIER_FAILPOINTS

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace rsf::shared {

namespace {

// Mapped until the process ends. Null: no test is watching.
FailpointSlot *map_slots() {
    constexpr std::size_t size = failpoints.size() * sizeof(FailpointSlot);
    const char *const path = std::getenv(failpoint_variable); // NOLINT(concurrency-mt-unsafe): nobody changes the environment
    const int file = path ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return nullptr;
    struct stat status {};
    const bool is_whole = ::fstat(file, &status) == 0 && static_cast<std::size_t>(status.st_size) >= size;
    void *const mapped = is_whole ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
    ::close(file);
    return mapped == MAP_FAILED ? nullptr : static_cast<FailpointSlot *>(mapped);
}

} // namespace

void pass_failpoint(std::size_t number) {
    static FailpointSlot *const slots = map_slots();
    if (!slots) return;
    FailpointSlot &slot = slots[number];
    ++slot.passes;
    std::uint32_t left = slot.left;
    while (left > 0 && !slot.left.compare_exchange_weak(left, left - 1)) {
    }
    if (left != 1) return;
    ++slot.kills;
    for (;;) ::kill(::getpid(), SIGKILL);
}

} // namespace rsf::shared

#endif
