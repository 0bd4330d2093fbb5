// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drivers/driver.hpp"
#include "drivers/host.hpp"
#include "drivers/instance.hpp"

#include <memory>

namespace rsf::drivers {

// A driver behind the driver ABI: uses only what the instance offers, and checks its answers. descriptor: the driver's. host: the
// instance's, for its secrets and for faults that only the log can report.
std::unique_ptr<Driver> make_driver(std::shared_ptr<const Descriptor> descriptor, std::unique_ptr<Instance> instance,
                                    std::shared_ptr<Host> host);

} // namespace rsf::drivers
