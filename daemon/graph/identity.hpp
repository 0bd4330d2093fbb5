// SPDX-License-Identifier: Apache-2.0
//
// The part of a resource's properties that identifies its object. Pure.
#pragma once

#include <boost/json/object.hpp>

#include <string_view>

namespace rsf::graph {

// apiVersion, kind, metadata.name and metadata.namespace, those that are there as texts; metadata itself where a reference stands
// in its place.
boost::json::object identity_of(const boost::json::object &properties);

// The text at key in from, if there is one, becomes that of to.
void take_text(const boost::json::object &from, std::string_view key, boost::json::object &to);

} // namespace rsf::graph
