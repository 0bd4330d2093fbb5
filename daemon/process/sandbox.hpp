// SPDX-License-Identifier: Apache-2.0
//
// The limits and rights of a driver's process. For its main thread, before there are others.
#pragma once

#include "base/error.hpp"
#include "process/messages.hpp"

#include <string>

namespace rsf::process {

// Limits this process before any code of the driver runs: it ends with the daemon, has the memory limit of greeting, is the first
// one that the kernel kills when memory runs out, has the rights of greeting's user and cannot gain others, and is named after
// its target.
Result<void> enter_sandbox(const Greeting &greeting, const std::string &target);

} // namespace rsf::process
