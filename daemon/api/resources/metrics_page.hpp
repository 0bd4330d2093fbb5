// SPDX-License-Identifier: Apache-2.0
//
// /metrics, in the form that Prometheus reads. Thread-safe.
#pragma once

#include "api/admission.hpp"
#include "api/tools.hpp"

namespace rsf::api {

void answer_metrics(const Tools &tools, const Request &request, const Admitted &admitted, Respond respond);

} // namespace rsf::api
