// SPDX-License-Identifier: Apache-2.0
//
// What of a process belongs to the host and not to a driver in it (abi.h): its folder, umask, locale, environment,
// standard streams, limits, nice value, timers, signals.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace rsf::check {

class Surroundings {
  public:
    // Of this process, now. No other thread may change them meanwhile.
    static Surroundings of_this_process();

    // The first difference: "the working folder"; empty: none.
    std::string difference_to(const Surroundings &before) const;

  private:
    std::vector<std::pair<std::string, std::string>> parts_; // what, and how it is
};

// What a process holds, to be compared with what it held before.
struct Holdings {
    std::size_t descriptors = 0;
    std::size_t threads = 0;
    std::size_t children = 0; // running, or ended and not waited for yet
    std::size_t heap = 0;     // bytes in use of the C library's heap; 0 where that can't be told
    std::size_t pages = 0;    // bytes of memory that no file backs: anonymous and shared

    static Holdings of_this_process();
    // Waits up to 2 s for threads and processes that are ending, until there are no more than before.
    static Holdings settled(const Holdings &before);
};

} // namespace rsf::check
