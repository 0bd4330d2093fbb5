// SPDX-License-Identifier: Apache-2.0
//
// What a driver is checked for once it is loaded. Each check runs in a process of its own, on an instance of its own.
#pragma once

#include "subject.hpp"

#include <vector>

namespace rsf::check {

struct Check {
    const char *name;  // for reports and for --only
    const char *title; // what holds when it passes
    void (*run)(Subject &);
    bool is_prerequisite; // when it fails, the checks after it are not run
};

// In the order in which they are run.
const std::vector<Check> &checks();

} // namespace rsf::check
