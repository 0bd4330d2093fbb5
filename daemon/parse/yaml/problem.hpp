// SPDX-License-Identifier: Apache-2.0
//
// yaml-cpp's error messages as sentences. Pure.
#pragma once

#include "base/error.hpp"

#include <string_view>

namespace YAML {
class Exception;
}

namespace rsf::parse {

Error explain_yaml_problem(const YAML::Exception &problem, std::string_view text);

} // namespace rsf::parse
