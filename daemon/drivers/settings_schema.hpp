// SPDX-License-Identifier: Apache-2.0
//
// A driver's settings schema: JSON Schema draft 2020-12, the part that driver.h names. Pure.
#pragma once

#include "error.hpp"

#include <boost/json/object.hpp>

namespace rsf::daemon {

// Whether schema uses only what is understood here; said when a driver is loaded.
Result<void> check_schema(const boost::json::object &schema);

// settings with defaults filled in, or an error whose causes each have the pointer of what is wrong. Values of writeOnly settings
// never appear in an error.
Result<boost::json::object> apply_schema(const boost::json::object &schema, const boost::json::object &settings);

// settings with every writeOnly value replaced by "(hidden)".
boost::json::object mask_secrets(const boost::json::object &schema, const boost::json::object &settings);

} // namespace rsf::daemon
