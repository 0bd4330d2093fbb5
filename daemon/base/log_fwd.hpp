// SPDX-License-Identifier: Apache-2.0
//
// Forward declaration of the log (base/log.hpp), for headers that hold it and write nothing to it: log.hpp takes all of spdlog.
#pragma once

#include "base/error.hpp"

#include <memory>

namespace spdlog {
class logger;
} // namespace spdlog

namespace rsf::base {

using Log = std::shared_ptr<spdlog::logger>;

} // namespace rsf::base
