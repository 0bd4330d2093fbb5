// SPDX-License-Identifier: Apache-2.0
//
// How large a JSON value is, by a walk without recursion. Pure.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>

namespace rsf::graph {

// About how many bytes of memory it takes.
std::size_t value_size(const boost::json::value &value);

} // namespace rsf::graph
