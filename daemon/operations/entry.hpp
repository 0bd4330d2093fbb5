// SPDX-License-Identifier: Apache-2.0
//
// What Operations holds of an operation that has not ended. For the sources of Operations alone.
#pragma once

#include "operations/operations.hpp"

namespace rsf::operations {

struct Operations::Entry {
    std::shared_ptr<Running> running;
    std::shared_ptr<targets::Target> target; // until it starts, or for ever if it does not; its pool was entered
    targets::Arrival arrival;
    std::string target_name;
    run::Operation operation; // until it starts
    Begun begun;
    Ended ended;
    LockTable::Ticket ticket = 0;
    // Under the mutex of Operations.
    bool is_recorded = false, is_started = false, is_saving = false;
    bool is_resumed = false; // after a restart; constant
};

} // namespace rsf::operations
