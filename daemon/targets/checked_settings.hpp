// SPDX-License-Identifier: Apache-2.0
//
// The settings file checked together with the drivers' schemas, so that all mistakes are reported at once. Loads drivers' files,
// each in a process of its own; creates no instance. Thread-safe.
#pragma once

#include "config/settings.hpp"
#include "drivers/registry.hpp"

#include <filesystem>
#include <vector>

namespace rsf::targets {

// The folders of driver_path that can't be read, each as a mistake in the settings file. They are told where a driver is not
// found.
std::vector<Error> unread_folders(const config::Settings &settings, const drivers::Registry &registry);

// What is wrong with the drivers of draft's targets, and with the settings for these drivers. Values that have a mistake already,
// and errors that follow from it, are left out.
std::vector<Error> driver_mistakes(const config::Draft &draft, const drivers::Registry &registry);

// The settings of a file. When it has mistakes, the error has those of driver_mistakes too. When it has none, no driver is
// loaded: make_targets finds the rest.
Result<config::Settings> read_settings(const std::filesystem::path &file);

} // namespace rsf::targets
