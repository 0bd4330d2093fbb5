// SPDX-License-Identifier: Apache-2.0
//
// Where a waiting operation is. Plain values: thread-safe as values are.
#pragma once

#include <cstddef>
#include <string>

namespace rsf::operations {

struct QueuePlace {
    std::size_t position; // for how many others it waits
    std::string behind;   // the id of the last of them
};

} // namespace rsf::operations
