// SPDX-License-Identifier: Apache-2.0
//
// /targets and /targets/{target}: the targets, their drivers and their health. Thread-safe.
#pragma once

#include "api/admission.hpp"
#include "api/tools.hpp"

namespace rsf::api {

void answer_targets(const Tools &tools, const Request &request, const Admitted &admitted, Respond respond);

} // namespace rsf::api
