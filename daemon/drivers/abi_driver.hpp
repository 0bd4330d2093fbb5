// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drivers/driver.hpp"
#include "drivers/host.hpp"
#include "drivers/instance.hpp"

#include <memory>

namespace rsf::drivers {

// A driver behind the driver ABI: asks the instance only what it offers, and judges what it says. descriptor: the driver's. host:
// the instance's, for its secrets and for what can be told to nobody but the log.
std::unique_ptr<Driver> make_driver(std::shared_ptr<const Descriptor> descriptor, std::unique_ptr<Instance> instance,
                                    std::shared_ptr<Host> host);

} // namespace rsf::drivers
