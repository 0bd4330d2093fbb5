// SPDX-License-Identifier: Apache-2.0
#include "http/router.hpp"

#include "http/uri.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace rsf::daemon {

namespace {

using Kind = Route::Kind;

// Routes of one word.
struct Word {
    std::string_view text;
    Kind kind;
    bool under_target; // whether it stands behind /targets/{target} too
};
constexpr std::array words{
    Word{"targets", Kind::targets, false},
    Word{"healthz", Kind::health, true},
    Word{"readyz", Kind::ready, true},
    Word{"livez", Kind::live, false},
};

constexpr std::array<std::string_view, 5> first_words{"configurations", "targets", "healthz", "readyz", "livez"};
constexpr std::string_view routes =
    "The routes are /configurations, /configurations/{type}, /configurations/{type}/{name}, /healthz and /readyz, "
    "/targets/{target} with any of these behind it, /targets, and /livez.";

const Word *find_word(std::string_view text, bool under_target) {
    const auto found =
        std::ranges::find_if(words, [&](const Word &word) { return word.text == text && (word.under_target || !under_target); });
    return found == words.end() ? nullptr : &*found;
}

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
    } else if (const Word *word = rest.size() == 1 ? find_word(rest[0], under_target) : nullptr) {
        route.kind = word->kind;
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
