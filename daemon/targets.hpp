// SPDX-License-Identifier: Apache-2.0
//
// From settings to targets: finds each one's driver, checks its settings and makes it.
#pragma once

#include "drivers/registry.hpp"
#include "http/server.hpp"
#include "log.hpp"
#include "settings.hpp"

namespace rsf::daemon {

// All of them or, with every mistake and its place, none. Nothing is asked of any cluster.
Result<Targets> make_targets(const Settings &settings, const Registry &registry, const Log &log);

} // namespace rsf::daemon
