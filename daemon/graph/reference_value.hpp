// SPDX-License-Identifier: Apache-2.0
//
// The value in an object at a reference's path. Pure.
#pragma once

#include "base/error.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace rsf::graph {

// The value at path. Where the object has no such field itself, "name" is its metadata.name and "selfLink" the driver's selflink,
// as Deployment Manager's own resources had them. selflink: none where it is not known yet. not_found: there is no such value.
Result<boost::json::value> value_for(const boost::json::value &object, std::string_view path,
                                     const std::optional<std::string> &selflink);

// Whether path asks for a selflink that is only known later.
bool is_unknown_selflink(std::string_view path, const std::optional<std::string> &selflink);

} // namespace rsf::graph
