// SPDX-License-Identifier: Apache-2.0
//
// Reading the live objects that the identities of a delete refer to.
#pragma once

#include "drivers/driver.hpp"
#include "graph/deleted_objects.hpp"

#include <chrono>
#include <stop_token>
#include <string>

namespace rsf::run {

struct ReadingTerms {
    std::string ns; // the namespace that the client asked for, or empty
    std::string request_id;
    std::chrono::steady_clock::time_point deadline;
    std::stop_token stop;
};

// Blocks in the driver, on a thread that may call it. driver outlives the result.
graph::ReadLive reader_of_live(drivers::Driver &driver, ReadingTerms terms);

} // namespace rsf::run
