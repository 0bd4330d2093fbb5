// SPDX-License-Identifier: Apache-2.0
//
// How many descriptors the system lets this process have, and how many connections that is enough for.
#pragma once

#include "base/log.hpp"
#include "config/settings.hpp"

#include <cstddef>

namespace rsf::targets {

// As many as it may have at all (its hard limit). Drivers' processes are started with as many as there were before: some programs
// take many for a reason to do much. For one thread, before others are.
void raise_descriptor_limit(const Log &log);

// What the daemon needs besides connections, about: for its own files, each target's driver and its calls, the reserve.
std::size_t descriptors_besides_connections(const config::Settings &settings);

// How many connections those that this process may have now are enough for, settings.limits.connections at most.
std::size_t fitting_connections(const config::Settings &settings);

// settings.limits with as many connections as descriptors are enough for; the log says so when that is fewer.
http::HttpLimits fitted_limits(const config::Settings &settings, std::size_t descriptors, const Log &log);
// With those that this process may have now.
http::HttpLimits fitted_limits(const config::Settings &settings, const Log &log);

} // namespace rsf::targets
