// SPDX-License-Identifier: Apache-2.0
//
// Names of operations: 26 characters of Crockford's base 32, of which the first ten are the time in milliseconds, so that they
// sort by time and are safe in a URL (as ULIDs, https://github.com/ulid/spec). Thread-safe.
#pragma once

#include "store/record.hpp"

#include <string>
#include <string_view>

namespace rsf::store {

// Each greater than all that this process made before, whatever the clock does.
std::string new_operation_id(Time at);

// What all operations of that time and later sort after, and all before it sort before.
std::string least_operation_id(Time at);

// Whether a client's text may be one: 26 characters of the alphabet, upper case.
bool is_operation_id(std::string_view text);

} // namespace rsf::store
