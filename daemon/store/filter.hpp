// SPDX-License-Identifier: Apache-2.0
//
// Which operations a list has. Plain values: thread-safe as values are.
#pragma once

#include "store/record.hpp"

#include <optional>
#include <string>

namespace rsf::store {

// Empty members let all pass.
struct Filter {
    std::string target, caller;
    std::optional<State> state;
    std::optional<Time> since, until; // created at or after; before
    // The kind in any case; the group does not count; an empty ns or name lets all pass, and so does a resource without a
    // namespace, of which only the cluster knows where it is.
    std::optional<ObjectName> object;
};

bool fits(const Filter &filter, const Operation &operation);

} // namespace rsf::store
