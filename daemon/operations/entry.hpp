// SPDX-License-Identifier: Apache-2.0
//
// What Operations holds of an operation that has not ended. For the sources of Operations alone.
#pragma once

#include "operations/operations.hpp"

namespace rsf::operations {

inline constexpr std::chrono::seconds time_between_tries(1); // of what the store did not take

struct Operations::Entry {
    std::shared_ptr<Running> running;
    // Whose pool was entered. Null once it has started: the run keeps its target then.
    std::shared_ptr<targets::Target> target;
    targets::Arrival arrival;
    std::string target_name;
    run::Operation operation; // until it starts
    Begun begun;
    Ended ended;
    LockTable::Ticket ticket = 0;
    std::size_t memory = 0; // as it came
    // Under the mutex of Operations.
    bool is_recorded = false, is_started = false, is_saving = false;
    bool is_queued_on_disk = false; // the store must know that it begins before it does
    // It had begun before a restart, as far as the store knows; constant.
    bool is_resumed = false;
};

} // namespace rsf::operations
