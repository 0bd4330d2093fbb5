// SPDX-License-Identifier: Apache-2.0
//
// What the documents have in common. Pure.
#pragma once

#include "config/setting.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::config {

// A row as documents show it, whichever table it is of.
struct Row {
    std::string key;   // without the group
    std::string group; // empty: none
    Form form;
    std::string text; // with bounds, words and whether a change takes a restart

    bool is_group() const { return form.type == Form::Type::group; }
};

std::vector<Row> rows_of_file();
std::vector<Row> rows_of_target();

// The default as YAML, or empty.
std::string written_default(const Row &row);

// source with each line @NAME@ replaced by what parts has for NAME.
std::string filled(std::string_view source, const std::map<std::string, std::string, std::less<>> &parts);

} // namespace rsf::config
