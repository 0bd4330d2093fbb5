// SPDX-License-Identifier: Apache-2.0
//
// Which of the API's routes a path names. Pure.
#pragma once

#include "api/answer/problems.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rsf::api {

struct Route {
    enum class Kind {
        health,
        live,
        ready,
        metrics,
        openapi,
        targets,
        target,
        configurations,
        list,
        get,
        operations,
        operation, // name: its id, here and below
        events,
        cancel
    };
    Kind kind = Kind::health;
    std::string target; // empty: the default one
    std::string type;
    std::string name;
};

// path: raw, from its first slash to before the query; one slash too many at its end does not count. No route: a 404 problem that
// names the nearest one.
OrProblem<Route> find_route(std::string_view path);

// The kind alone; none where find_route has a problem. Takes no memory for paths without escapes.
std::optional<Route::Kind> find_kind(std::string_view path);

// "GET, HEAD, OPTIONS"
std::string_view allowed_methods(Route::Kind kind);
bool allows(Route::Kind kind, std::string_view method);

} // namespace rsf::api
