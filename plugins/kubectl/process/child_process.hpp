// SPDX-License-Identifier: Apache-2.0
//
// Runs a program to its end and keeps its output. Thread-safe: any number at once. However it ends, no process, zombie or
// descriptor is left. The host's signal handlers and other children are not touched.
#pragma once

#include "kubectl/process/child.hpp"
#include "kubectl/process/event.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace rsf::kubectl::process {

struct Bounds {
    std::chrono::steady_clock::time_point deadline;
    std::function<bool()> cancelled{};          // asked every 50 ms; empty: never
    const Event *stop = nullptr;                // ends it at once when set, as cancelled does; null: none
    std::size_t output = std::size_t{64} << 20; // bytes; one that writes more is ended
    std::size_t errors = std::size_t{64} << 10; // bytes; the rest is read and dropped
    std::chrono::milliseconds grace{250};       // from SIGTERM to SIGKILL
};

struct Ending {
    enum class How {
        not_started,     // value: errno
        exited,          // value: its exit code
        signalled,       // value: the signal that ended it, not one of ours
        deadline,        // it was ended because the deadline came
        cancelled,       // it was ended because the call was cancelled, or the event set
        too_much_output, // it was ended because it wrote more than Bounds::output
        unknown,         // it ended, but other code in this process took its status
    };
    How how = How::unknown;
    int value = 0;
    std::string output;
    std::string errors;

    bool succeeded() const { return how == How::exited && value == 0; }
};

// Returns when the program has ended by itself or was ended with its whole process group; a grandchild that holds a pipe open is
// ended too. SIGTERM is sent before the deadline, early enough for the caller to answer in time. started: called when the
// program has its descriptors, so that the caller may close its own.
Ending run(const Program &program, const Bounds &bounds, const std::function<void()> &started = {});

} // namespace rsf::kubectl::process
