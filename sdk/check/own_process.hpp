// SPDX-License-Identifier: Apache-2.0
//
// Runs work that may crash, hang or exit in a child process. Not thread-safe: the caller has one thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace rsf::check {

struct Ran {
    std::vector<std::string> lines; // what work wrote
    std::string end; // how the process ended, if not by work's end: "it was ended by signal 11 (Segmentation fault)"
};

using WriteLine = std::function<void(const std::string &line)>; // a line holds no newline

// From now on a signal that ends this process (SIGHUP, SIGINT, SIGTERM) ends the child process too.
void end_with_children();

// Returns when work, and every process that it started in its group, has ended; it is ended after limit. Its standard output goes
// to standard error.
Ran run_in_own_process(const std::function<void(const WriteLine &)> &work, std::chrono::milliseconds limit);

} // namespace rsf::check
