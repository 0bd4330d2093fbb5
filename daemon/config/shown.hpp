// SPDX-License-Identifier: Apache-2.0
//
// Settings as a settings file has them. Pure.
#pragma once

#include "config/settings.hpp"

#include <boost/json/object.hpp>

#include <functional>

namespace rsf::config {

// Every setting with its value, also where that is the default; what has neither is left out. of_driver: a target's settings for
// its driver as they are to be shown, since they may hold secrets.
boost::json::object shown(const Settings &settings, const std::function<boost::json::object(const TargetSettings &)> &of_driver);

} // namespace rsf::config
