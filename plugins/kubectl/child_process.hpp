// SPDX-License-Identifier: Apache-2.0
//
// Runs a program to its end and keeps what it says. Thread-safe: any number at once. Nothing is left behind, however it ends: no
// process, no zombie, no descriptor. The host's signal handlers and other children are not touched.
#pragma once

#include "child.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace rsf::kubectl {

struct Bounds {
    std::chrono::steady_clock::time_point deadline;
    std::function<bool()> cancelled;            // asked every 50 ms
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
        cancelled,       // it was ended because the caller no longer wants it
        too_much_output, // it was ended because it wrote more than Bounds::output
        unknown,         // it ended, but somebody else in this process took its status
    };
    How how = How::unknown;
    int value = 0;
    std::string output;
    std::string errors;

    bool succeeded() const { return how == How::exited && value == 0; }
};

// Returns when the program has ended, or has been ended with its whole process group; a grandchild that holds a pipe open is
// ended too. It is asked to end so early that the answer is there before the deadline. started: called when it has all the
// descriptors that it gets.
Ending run(const Program &program, const Bounds &bounds, const std::function<void()> &started = {});

} // namespace rsf::kubectl
