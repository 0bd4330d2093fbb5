// SPDX-License-Identifier: Apache-2.0
//
// The route that a request is counted under. Pure.
#pragma once

#include "metrics/metered_route.hpp"

#include <string_view>

namespace rsf::api {

// target: in origin form, or anything else that a client sent.
metrics::MeteredRoute metered_route(std::string_view target);

} // namespace rsf::api
