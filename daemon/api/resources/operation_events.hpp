// SPDX-License-Identifier: Apache-2.0
//
// /operations/{id}/events and /operations?watch=true: what becomes of an operation, or of all, as server-sent events
// (https://html.spec.whatwg.org, 9.2). Thread-safe.
#pragma once

#include "api/admission.hpp"
#include "api/tools.hpp"
#include "store/filter.hpp"

#include <memory>

namespace rsf::api {

// filter: without an object.
void answer_watch(const std::shared_ptr<const Tools> &tools, const Request &request, store::Filter filter, Respond respond);
void answer_events(const std::shared_ptr<const Tools> &tools, const Request &request, const Admitted &admitted, Respond respond);

} // namespace rsf::api
