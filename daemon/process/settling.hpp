// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "process/messages.hpp"

#include <string>

namespace rsf::process {

// Makes this process what the daemon wants it to be, before anything of the driver's runs: it ends with the daemon, takes no more
// than it may, is the first to go when memory runs out, has its user's rights and no way to more, and is known by its target.
Result<void> settle(const Greeting &greeting, const std::string &target);

} // namespace rsf::process
