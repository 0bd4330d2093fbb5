// SPDX-License-Identifier: Apache-2.0
//
// A child process: starts it, ends it and reaps it. The system kills it when the thread that started it ends, and so with the
// daemon, however that ends: that thread must live as long as the child. Not thread-safe; any number may be started at once.
#pragma once

#include "kubectl/process/file_descriptor.hpp"

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace rsf::kubectl::process {

struct Program {
    std::string path;                     // absolute
    std::vector<std::string> arguments;   // argv, [0] included
    std::vector<std::string> environment; // all of it, NAME=value
    int standard_input = -1;              // its standard input; -1: /dev/null
    std::vector<int> inherited{};         // further descriptors for it, numbered from first_inherited on; not -1
    static constexpr int first_inherited = 3;
};

struct Pipe {
    FileDescriptor read, write; // closed on exec; reading does not block
};
Pipe make_pipe();

// One running child, in a process group of its own. Its process id and its group's are not used again before it is reaped.
class Child {
  public:
    // Throws std::system_error with execve's errno when the program can't be run. output, errors: the ends that it writes to. The
    // caller may close every descriptor that it passed once the constructor has returned.
    Child(const Program &program, int output, int errors);
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;
    ~Child();

    int pidfd() const { return ended_.get(); } // readable once the child has ended
    void signal_group(int signal) const;       // does nothing once it is reaped

    // Ends what is left of the group, then takes the status. False: other code in this process had taken it (waitpid(-1)).
    bool reap(siginfo_t *status = nullptr);

  private:
    pid_t pid_; // -1: reaped
    FileDescriptor ended_;
};

} // namespace rsf::kubectl::process
