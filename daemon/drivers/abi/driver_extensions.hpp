// SPDX-License-Identifier: Apache-2.0
//
// The optional abilities that a driver offers, looked up once and checked. Immutable.
#pragma once

#include "base/error.hpp"
#include "drivers/instance.hpp"

#include <resourcifier/driver.h>
#include <resourcifier/extensions.h>

namespace rsf::drivers {

struct DriverExtensions {
    const rsf_order *order = nullptr; // null: not offered. Lives as long as the instance
    const rsf_batch *batch = nullptr;
    const rsf_plan *plan = nullptr;
    const rsf_health *health = nullptr;
    const rsf_settle *settle = nullptr;
    const rsf_kind *kind = nullptr;
    Offered offered;
};

// Refuses a table that is too short for its revision, has a null function, or holds text of the wrong form. May throw what the
// driver throws.
Result<DriverExtensions> find_extensions(const rsf_functions &functions, rsf_driver *driver);

} // namespace rsf::drivers
