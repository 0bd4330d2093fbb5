// SPDX-License-Identifier: Apache-2.0
//
// The limit of descriptors of this process, and how many connections it allows.
#pragma once

#include "base/log.hpp"
#include "config/settings.hpp"

#include <cstddef>

namespace rsf::targets {

// Raises the limit to the hard limit. Drivers' processes are started with the limit from before, since some programs do work for
// each descriptor that they may have. To be called before there are other threads.
void raise_descriptor_limit(const Log &log);

// What the daemon needs besides connections, about: for its own files, each target's driver and its calls, the reserve.
std::size_t descriptors_besides_connections(const config::Settings &settings);

// How many connections the present limit allows, settings.limits.connections at most.
std::size_t fitting_connections(const config::Settings &settings);

// settings.limits with as many connections as descriptors are enough for; the log says so when that is fewer.
http::HttpLimits fitted_limits(const config::Settings &settings, std::size_t descriptors, const Log &log);
// The same with the present limit.
http::HttpLimits fitted_limits(const config::Settings &settings, const Log &log);

} // namespace rsf::targets
