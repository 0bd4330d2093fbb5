// SPDX-License-Identifier: Apache-2.0
//
// /configurations/{type} and /configurations/{type}/{name}: lists and single objects, read from the cluster. Thread-safe.
#pragma once

#include "api/admission.hpp"
#include "api/tools.hpp"

namespace rsf::api {

void answer_objects(const Tools &tools, const Request &request, const Admitted &admitted, Respond respond);

} // namespace rsf::api
