// SPDX-License-Identifier: Apache-2.0
//
// How sentences name the object that they are about: a client may print state.errors and nothing beside them. Pure.
#pragma once

#include "parse/configuration.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rsf::run {

// "Deployment shop/web". What the properties do not say, or only by a reference, is told by the resource's type and name. ns: of
// the request.
std::string object_title(const parse::Resource &resource, std::string_view ns);

// Puts the object's title before each sentence of the resources' states that does not name its object by itself.
void name_objects(std::vector<parse::Resource> &resources, std::string_view ns);

} // namespace rsf::run
