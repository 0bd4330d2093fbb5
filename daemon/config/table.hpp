// SPDX-License-Identifier: Apache-2.0
//
// Every setting, once: the schema that the file is checked with, the members of Settings that are set, the answer to a reload,
// resourcifierd.yaml(5) and etc/resourcifierd.yaml all come from here. To add a setting, add its member to Settings or
// TargetSettings and its row to a table, and run ./dev settings, which writes the documents anew. Immutable.
#pragma once

#include "config/setting.hpp"
#include "config/settings.hpp"

#include <boost/json/object.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace rsf::config {

std::span<const Setting<Settings>> file_table();         // of the file
std::span<const Setting<TargetSettings>> target_table(); // of one entry of targets

// The JSON Schemas of these.
const boost::json::object &settings_schema();
const boost::json::object &target_schema();

// The settings that differ and that only a restart changes.
std::vector<std::string_view> waiting_for_restart(const Settings &before, const Settings &after);

// Gives to the values that from has for settings that only a restart changes.
void keep_until_restart(const Settings &from, Settings &to);

} // namespace rsf::config
