// SPDX-License-Identifier: Apache-2.0
//
// Questions about a whole JSON value, answered by one walk without recursion. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>

namespace rsf::daemon {

// About how many bytes of memory it takes.
std::size_t value_size(const boost::json::value &value);

// Whether a string in it holds "$(ref.": a reference, or an escaped one. If not, there is nothing in it to resolve.
bool mentions_reference(const boost::json::object &properties);

} // namespace rsf::daemon
