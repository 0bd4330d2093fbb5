// SPDX-License-Identifier: Apache-2.0
//
// The daemon's name for a file descriptor that closes itself. Not thread-safe, as any value.
#pragma once

#include "base/error.hpp"
#include "shared/file_descriptor.hpp"

namespace rsf::base {

using shared::FileDescriptor;

} // namespace rsf::base
