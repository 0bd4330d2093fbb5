// SPDX-License-Identifier: Apache-2.0
//
// /operations/{id}/events: what becomes of an operation, as server-sent events (https://html.spec.whatwg.org, 9.2). Thread-safe.
#pragma once

#include "api/admission.hpp"
#include "api/tools.hpp"

#include <memory>

namespace rsf::api {

void answer_events(const std::shared_ptr<const Tools> &tools, const Request &request, const Admitted &admitted, Respond respond);

} // namespace rsf::api
