// SPDX-License-Identifier: Apache-2.0
//
// How sentences name the object that they are about: a client may print state.errors and nothing beside them. Pure.
#pragma once

#include "parse/configuration.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rsf::run {

// The text at key, or empty: missing, something else, or only known once a reference is resolved. It lives as long as object.
std::string_view text_in(const boost::json::object &object, std::string_view key);

// "Deployment shop/web". What the properties lack, or have only as a reference, is taken from the resource's type and name. ns:
// of the request.
std::string object_title(const parse::Resource &resource, std::string_view ns);

// Puts the object's title before each sentence of the resources' states that does not name its object by itself.
void name_objects(std::vector<parse::Resource> &resources, std::string_view ns);

} // namespace rsf::run
