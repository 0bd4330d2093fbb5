// SPDX-License-Identifier: Apache-2.0
//
// The query parameters that each route knows, and the values that they allow. Pure.
#pragma once

#include "api/request/router.hpp"
#include "api/request/uri.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace rsf::api {

// The query parameters that a route knows; strategy is not allowed on DELETE. Empty for probes, which take any.
std::span<const std::string_view> known_parameters(Route::Kind kind);

// A 400 problem for a parameter that the route does not know, or whose value is not allowed.
std::optional<Problem> check_query(const Query &query, Route::Kind kind, std::string_view method);

// Empty: it is not given.
std::string_view value_of(const Query &query, std::string_view name);

// What dryRun asks for; Kubernetes' own spelling is All. None: the value is not known here.
std::optional<bool> dry_run_of(std::string_view value);

} // namespace rsf::api
