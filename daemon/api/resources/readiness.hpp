// SPDX-License-Identifier: Apache-2.0
//
// Whether the daemon can do its work, for readiness probes: one line for each condition, in the format of Kubernetes' components.
#pragma once

#include "api/admission.hpp"
#include "api/tools.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::api {

// Asks the drivers for their health, without waiting. The result waits for their answers and makes the response: 200, or 503 with
// what is not ready. name: of one target; empty: all of them. query: verbose, and exclude for targets to skip. store_failure: why
// the store takes no writes; none: it does.
std::function<Response()> ask_readiness(std::shared_ptr<const targets::TargetSet> targets, std::string_view name,
                                        bool is_going_down, Query query, std::optional<std::string> store_failure);

// /readyz and /targets/{target}/readyz.
void answer_readiness(const Tools &tools, const Request &request, Admitted admitted, bool is_going_down, Respond respond);

} // namespace rsf::api
