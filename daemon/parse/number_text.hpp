// SPDX-License-Identifier: Apache-2.0
//
// Numbers as text, shortest so that they read back the same. Pure.
#pragma once

#include <resourcifier/json_text.hpp>

#include <string>

namespace rsf::parse {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

// As a YAML float of every version: 1.0, 0.5, 1.0e+21, .inf, -.inf, .nan.
std::string yaml_number(double number);

} // namespace rsf::parse
