// SPDX-License-Identifier: Apache-2.0
//
// Copies and checks what a driver says of itself. Pure.
#pragma once

#include "base/error.hpp"
#include "drivers/driver_library.hpp"

struct rsf_descriptor;

namespace rsf::drivers {

// All of it but the ABI version and the file. given may be null or nonsense; a refusal names the member.
Result<Descriptor> copy_descriptor(const rsf_descriptor *given);

} // namespace rsf::drivers
