// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace rsf::test {

// How long the case that runs may still take; ten minutes from its start unless it says so.
void may_take(std::chrono::seconds time);

} // namespace rsf::test
