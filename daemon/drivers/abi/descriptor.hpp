// SPDX-License-Identifier: Apache-2.0
//
// Copies and checks a driver's descriptor. Pure.
#pragma once

#include "base/error.hpp"
#include "drivers/abi/driver_library.hpp"

struct rsf_descriptor;

namespace rsf::drivers {

// All of it except the ABI version and the file. given may be null or invalid; an error names the member.
Result<Descriptor> copy_descriptor(const rsf_descriptor *given);

} // namespace rsf::drivers
