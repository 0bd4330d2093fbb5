// SPDX-License-Identifier: Apache-2.0
//
// Whether the daemon can do its work, as probes ask for it: one line for each thing that it takes, as Kubernetes' components
// write it.
#pragma once

#include "http/message.hpp"
#include "http/server.hpp"
#include "http/uri.hpp"

#include <string_view>

namespace rsf::daemon {

// 200, or 503 with what is in the way. Asks the drivers how they are. name: of one target; empty: all of them. query: verbose,
// and exclude for targets to leave out.
Response answer_readiness(const Targets &targets, std::string_view name, bool is_going_down, const Query &query);

} // namespace rsf::daemon
