// SPDX-License-Identifier: Apache-2.0
#include "http/router.hpp"

#include "http/uri.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace rsf::daemon {

namespace {

constexpr std::array<std::string_view, 3> first_words{"configurations", "targets", "healthz"};
constexpr std::string_view routes = "The routes are /configurations, /configurations/{type}, /configurations/{type}/{name}, "
                                    "/targets, /targets/{target} with any of the others behind it, and /healthz.";

Problem no_route(std::string_view path, std::string_view word, std::span<const std::string_view> known) {
    return {404,
            "no-route",
            "There is nothing at " + printable(path, 120) + did_you_mean(word, known) + ". " + std::string(routes),
            {},
            {}};
}

} // namespace

OrProblem<Route> find_route(std::string_view path) {
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (path == "/") return no_route(path, "", {});
    auto split = split_path(path);
    if (!split) return split.error();
    std::span<std::string> rest = *split;
    Route route;
    const bool under_target = rest[0] == "targets" && rest.size() > 1;
    if (under_target) {
        route.target = rest[1];
        rest = rest.subspan(2);
    }
    if (rest.empty()) {
        route.kind = Route::Kind::target;
    } else if (rest[0] == "targets" && rest.size() == 1 && !under_target) {
        route.kind = Route::Kind::targets;
    } else if (rest[0] == "healthz" && rest.size() == 1) {
        route.kind = Route::Kind::health;
    } else if (rest[0] == "configurations" && rest.size() <= 3) {
        constexpr std::array kinds{Route::Kind::configurations, Route::Kind::list, Route::Kind::get};
        route.kind = kinds[rest.size() - 1];
        if (rest.size() > 1) route.type = rest[1];
        if (rest.size() > 2) route.name = rest[2];
    } else if (rest[0] == "configurations") {
        return Problem{404,
                       "no-route",
                       "There is nothing at " + printable(path, 120) +
                           ": behind /configurations come a type and a name only. Encode a slash within them as %2F.",
                       {},
                       {}};
    } else {
        return no_route(path, rest[0], first_words);
    }
    return route;
}

std::string_view allowed_methods(Route::Kind kind) {
    return kind == Route::Kind::configurations ? "POST, PUT, DELETE, OPTIONS" : "GET, HEAD, OPTIONS";
}

bool allows(Route::Kind kind, std::string_view method) {
    if (kind == Route::Kind::configurations) return method == "POST" || method == "PUT" || method == "DELETE";
    return method == "GET" || method == "HEAD";
}

} // namespace rsf::daemon
