// SPDX-License-Identifier: Apache-2.0
//
// Where the calls of an operation run: one target's driver and its threads.
#pragma once

#include "base/log.hpp"
#include "drivers/driver.hpp"
#include "targets/worker_pool.hpp"

#include <cstddef>
#include <string>

namespace rsf::targets {

// Outlives every operation on it. A driver that does not return from a call outlives even the pool.
struct ExecutionContext {
    drivers::Driver &driver;
    WorkerPool &pool;
    std::string target;
    // How many calls one operation may have waiting or running: enough to keep every thread busy, and no more, so that the
    // calls of other operations get their turn.
    std::size_t concurrency;
    Log log;
};

} // namespace rsf::targets
