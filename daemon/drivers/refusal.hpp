// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "error.hpp"

#include <string>
#include <utility>

namespace rsf::daemon {

// Why a driver is not taken.
inline Error invalid(std::string message) { return {Code::invalid, std::move(message), {}, {}}; }

} // namespace rsf::daemon
