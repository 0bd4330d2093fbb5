// SPDX-License-Identifier: Apache-2.0
//
// What resourcifierd does besides serving. Each prints what people read to out and mistakes to err, and returns the exit code.
#pragma once

#include "config/settings.hpp"
#include "drivers/registry.hpp"

#include <iosfwd>
#include <string_view>

namespace rsf::daemon {

// Becomes the user that the service runs as, so that a check by root sees what the service sees, and what it makes is the
// service's. wanted: as the command line says; empty: resourcifier, for root, where there is such a user. False: it can't; err
// says why.
bool become_checker(const std::string &wanted, std::ostream &out, std::ostream &err);

// Does what serving does up to listening: reads the settings, loads the drivers, makes each target.
int check(const config::Settings &settings, std::ostream &out, std::ostream &err);

// A line for each available driver, and the reason for each file that is refused.
int list_drivers(const drivers::Registry &registry, std::ostream &out, std::ostream &err);

// What a driver is and which settings it takes, for people or as JSON.
int describe_driver(const drivers::Registry &registry, std::string_view name, bool as_json, std::ostream &out, std::ostream &err);

} // namespace rsf::daemon
