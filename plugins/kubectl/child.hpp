// SPDX-License-Identifier: Apache-2.0
//
// A child process: how it is started, and that it is ended and reaped. It dies with the thread that started it, and so with the
// daemon, however that ends; let that thread live as long as the child. Not thread-safe; any number may be started at once.
#pragma once

#include "file_descriptor.hpp"

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace rsf::kubectl {

struct Program {
    std::string path;                     // absolute
    std::vector<std::string> arguments;   // argv, [0] included
    std::vector<std::string> environment; // all of it, NAME=value
    int standard_input = -1;              // what it reads; -1: nothing
    std::vector<int> inherited{};         // further descriptors that it gets, as first_inherited and so on; not -1
    static constexpr int first_inherited = 3;
};

struct Pipe {
    FileDescriptor read, write; // closed on exec; reading does not block
};
Pipe make_pipe();

// One running child, in a process group of its own. Until it is reaped its number, and that of its group, can't become another's.
class Child {
  public:
    // Throws std::system_error with execve's errno when the program can't be run. output, errors: the ends that it writes to. All
    // that it gets may be closed here afterwards.
    Child(const Program &program, int output, int errors);
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;
    ~Child();

    int pidfd() const { return ended_.get(); } // readable once the child has ended
    void signal_group(int signal) const;       // nothing once it is reaped

    // Ends what is left of the group, then takes the status. False: somebody else had taken it.
    bool reap(siginfo_t *status = nullptr);

  private:
    pid_t pid_; // -1: reaped
    FileDescriptor ended_;
};

} // namespace rsf::kubectl
