// SPDX-License-Identifier: Apache-2.0
//
// Forward declarations of the types of drivers/call.hpp, for headers that only name them: call.hpp takes all of Boost.JSON.
#pragma once

#include "drivers/verb.hpp"

#include <boost/system/result.hpp>

namespace rsf::drivers {

struct Call;
struct Success;
struct Failure;
struct Settlement;
struct TypeName;

using Answer = boost::system::result<Success, Failure>;
using Settled = boost::system::result<Settlement, Failure>;
using Named = boost::system::result<TypeName, Failure>;

} // namespace rsf::drivers
