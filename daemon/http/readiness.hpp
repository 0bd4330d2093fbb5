// SPDX-License-Identifier: Apache-2.0
//
// Whether the daemon can do its work, as probes ask for it: one line for each thing that it takes, as Kubernetes' components
// write it.
#pragma once

#include "http/message.hpp"
#include "http/server.hpp"
#include "http/uri.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace rsf::http {

// Asks the drivers how they are, without waiting. The result waits for what they say and makes the answer of it: 200, or 503 with
// what is in the way. name: of one target; empty: all of them. query: verbose, and exclude for targets to leave out.
std::function<Response()> ask_readiness(std::shared_ptr<const Targets> targets, std::string_view name, bool is_going_down,
                                        Query query);

} // namespace rsf::http
