// SPDX-License-Identifier: Apache-2.0
//
// Strings as YAML: plain, quoted or as literal blocks, whichever is exact. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rsf::parse {

// On one line, without a line break at the end.
void append_yaml_key(std::string &out, std::string_view text);

// With a line break at the end. The lines of a literal block are indented by indent columns.
void append_yaml_string(std::string &out, std::string_view text, std::size_t indent);

} // namespace rsf::parse
