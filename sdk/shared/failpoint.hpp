// SPDX-License-Identifier: Apache-2.0
//
// Named points of the code at which the crash test (tests/crash/) has the process killed. In ordinary builds RSF_FAILPOINT is
// nothing at all; with the CMake option RESOURCIFIER_FAILPOINTS it counts its passes in a file that the test maps too, and kills
// the process when that file says so. Thread-safe.
#pragma once

#ifdef RESOURCIFIER_FAILPOINTS

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rsf::shared {

// All of them. A name that is not here does not compile.
inline constexpr auto failpoints = std::to_array<std::string_view>({
    // The daemon's store: inside a transaction around each change, and around its commit.
    "store.begin.before",
    "store.begin.after",
    "store.progress.before",
    "store.progress.after",
    "store.end.before",
    "store.end.after",
    "store.prune.before",
    "store.prune.after",
    "store.commit.before",
    "store.commit.after",
    "store.commit.told",
    // The life of an operation.
    "operations.begin.unrecorded",
    "operations.begin.recorded",
    "operations.begin.told",
    "operations.start.before",
    "operations.start.after",
    "operations.step_begun.before",
    "operations.step_begun.after",
    "operations.step_ended.before",
    "operations.step_ended.after",
    "operations.progress.before",
    "operations.end.before",
    "operations.end.recorded",
    "operations.end.released",
    "operations.end.told",
    "operations.resume.read",
    "operations.resume.enlisted",
    "operations.resume.starts",
    // The run of an operation: around the calls of the driver, and where it is settled after a restart.
    "run.perform.before",
    "run.perform.after",
    "run.settle.before",
    "run.settle.after",
    "run.settle.repeats",
    "run.finish.before",
    // A call of a driver process, in the daemon and in that process.
    "process.call.sent",
    "process.call.answered",
    "process.driver.received",
    "process.driver.performed",
    "process.driver.told",
    // The drivers that ship, in their processes.
    "kubectl.proxy.before",
    "kubectl.proxy.sent",
    "kubectl.proxy.answered",
    "kubectl.exec.before",
    "kubectl.exec.ended",
    "dryrun.file.before",
    "dryrun.file.written",
    "dryrun.file.renamed",
    "dryrun.remove.before",
    "dryrun.remove.after",
});

consteval std::size_t failpoint_number(std::string_view name) {
    for (std::size_t i = 0; i < failpoints.size(); ++i)
        if (failpoints[i] == name) return i;
    throw "the table of failpoints does not have this name";
}

// The variable with the path of the file. It holds a FailpointSlot for each point, in the order of the table.
inline constexpr const char *failpoint_variable = "RESOURCIFIER_FAILPOINT_FILE";

struct FailpointSlot {
    std::atomic<std::uint32_t> passes; // of all processes
    std::atomic<std::uint32_t> left;   // the process that makes it 0 is killed; 0: the point is not armed
    std::atomic<std::uint32_t> kills;
};

void pass_failpoint(std::size_t number);

} // namespace rsf::shared

#define RSF_FAILPOINT(name) ::rsf::shared::pass_failpoint(::rsf::shared::failpoint_number(name))

#else

#define RSF_FAILPOINT(name) static_cast<void>(0)

#endif
