// SPDX-License-Identifier: Apache-2.0
//
// The process that a driver runs in, from its start to its end: a new run of the daemon's own program that inherits only the
// descriptors that it is given. Killed, with all that it started in its group, with this object. Thread-safe but for reap().
#pragma once

#include "base/error.hpp"
#include "drivers/trust/trusted_file.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace rsf::process {

class ChildProcess {
  public:
    // The descriptors that the process has, besides an empty standard input.
    static constexpr int control = 3; // its end of the control channel
    static constexpr int library = 4; // the driver's file
    // The exit code of one that lost its connection to the daemon.
    static constexpr int lost_daemon = 113;
    struct Given {
        int output; // becomes standard output and standard error
        int control;
        int library;
    };

    // program: the file to run. To be called on a thread that lives as long as the process may: the process ends with it.
    static Result<ChildProcess> start(const std::string &program, const std::vector<std::string> &arguments, const Given &given);

    // Sets the soft limit of descriptors for processes that are started from then on; without it they have this process's.
    // [before there are other threads]
    static void give_descriptors(std::uint64_t count);

    ChildProcess(ChildProcess &&other) noexcept;
    ChildProcess &operator=(ChildProcess &&) = delete;
    ~ChildProcess();

    pid_t pid() const { return pid_; }
    int pidfd() const { return ended_.get(); } // readable once it ended
    void kill() const;
    // Waits until it ended, for some seconds at most. Call it after kill(), or when the process closed its channels. False: it
    // does not end, since it is blocked in the kernel by a device or a file system.
    bool wait() const;
    // Waits for its end as wait() does, once. Returns how it ended: "was ended by signal 11 (Segmentation fault)". A process that
    // does not end is left behind and no longer waited for.
    std::string reap();

  private:
    ChildProcess(pid_t pid, FileDescriptor ended);

    pid_t pid_; // -1: reaped or moved
    FileDescriptor ended_;
};

} // namespace rsf::process
