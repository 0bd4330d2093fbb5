// SPDX-License-Identifier: Apache-2.0
//
// What a request is counted under. Pure.
#pragma once

#include "metrics/metrics.hpp"

#include <string_view>

namespace rsf::http {

// target: in origin form, or whatever came in its place.
metrics::MeteredRoute metered_route(std::string_view target);

} // namespace rsf::http
