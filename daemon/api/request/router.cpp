// SPDX-License-Identifier: Apache-2.0
#include "api/request/router.hpp"

#include "api/request/uri.hpp"
#include "base/text.hpp"
#include "http/problem.hpp"

#include <array>
#include <span>

namespace rsf::api {

namespace {

using Kind = Route::Kind;

// Routes of one word.
struct Word {
    std::string_view text;
    Kind kind;
    bool under_target; // whether it also exists below /targets/{target}
};
constexpr std::array words{
    Word{"targets", Kind::targets, false}, Word{"healthz", Kind::health, true},   Word{"readyz", Kind::ready, true},
    Word{"livez", Kind::live, false},      Word{"metrics", Kind::metrics, false}, Word{"openapi.json", Kind::openapi, false},
};

constexpr std::array<std::string_view, 8> first_words{"configurations", "targets", "operations", "healthz",
                                                      "readyz",         "livez",   "metrics",    "openapi.json"};
constexpr std::string_view routes =
    "The routes are /configurations, /configurations/{type}, /configurations/{type}/{name}, /healthz and /readyz, "
    "/targets/{target} with any of these behind it, /targets, /operations, /operations/{id}, /operations/{id}/events and "
    "/operations/{id}/cancel, /livez, /metrics and /openapi.json.";

// What the segments of a path name.
struct Found {
    Kind kind;
    std::size_t skipped = 0; // segments that say which target is meant
};

template <class List> std::optional<Found> find_words(const List &segments) {
    const bool under_target = segments.size() > 1 && segments[0] == "targets";
    const std::size_t first = under_target ? 2 : 0, left = segments.size() - first;
    if (left == 0) return Found{Kind::target, first};
    if (segments[first] == "configurations") {
        constexpr std::array kinds{Kind::configurations, Kind::list, Kind::get};
        return left <= kinds.size() ? std::optional(Found{kinds[left - 1], first}) : std::nullopt;
    }
    if (segments[first] == "operations" && !under_target) {
        if (left <= 2) return Found{left == 1 ? Kind::operations : Kind::operation, 0};
        if (left == 3 && segments[2] == "events") return Found{Kind::events, 0};
        if (left == 3 && segments[2] == "cancel") return Found{Kind::cancel, 0};
        return std::nullopt;
    }
    if (left > 1) return std::nullopt;
    for (const Word &word : words)
        if (segments[first] == word.text && (word.under_target || !under_target)) return Found{word.kind, first};
    return std::nullopt;
}

// Up to one segment more than the longest route has.
class Segments {
  public:
    // False: find_route has to decode or refuse the path, or it has more segments.
    bool split(std::string_view path) {
        if (path.find_first_of("%+") != path.npos) return false;
        while (!path.empty()) {
            path.remove_prefix(1); // the slash
            const std::string_view segment = path.substr(0, path.find('/'));
            path.remove_prefix(segment.size());
            if (segment.empty() || segment == "." || segment == ".." || size_ == all_.size()) return false;
            all_[size_++] = segment;
        }
        return size_ != 0;
    }

    std::size_t size() const { return size_; }
    std::string_view operator[](std::size_t i) const { return all_[i]; }

  private:
    std::array<std::string_view, 6> all_;
    std::size_t size_ = 0;
};

bool is_of_operations(Kind kind) {
    return kind == Kind::operations || kind == Kind::operation || kind == Kind::events || kind == Kind::cancel;
}

std::string_view without_slash_too_many(std::string_view path) {
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path;
}

Problem no_route(std::string_view path, std::string_view word, std::span<const std::string_view> known) {
    return {404, "no-route",
            "There is nothing at " + printable(path, 120) + did_you_mean(word, known) + ". " + std::string(routes)};
}

} // namespace

OrProblem<Route> find_route(std::string_view path) {
    path = without_slash_too_many(path);
    if (path == "/") return no_route(path, "", {});
    auto split = split_path(path);
    if (!split) return split.error();
    std::span<std::string> rest = *split;
    Route route;
    if (const std::optional<Found> found = find_words(rest)) {
        route.kind = found->kind;
        if (found->skipped != 0) route.target = rest[1];
        rest = rest.subspan(found->skipped);
        if (is_of_operations(route.kind)) {
            if (rest.size() > 1) route.name = rest[1];
            return route;
        }
        if (rest.size() > 1) route.type = rest[1];
        if (rest.size() > 2) route.name = rest[2];
        return route;
    }
    rest = rest.subspan(rest[0] == "targets" && rest.size() > 2 ? 2 : 0);
    if (rest[0] != "configurations") return no_route(path, rest[0], first_words);
    return Problem{404, "no-route",
                   "There is nothing at " + printable(path, 120) +
                       ": behind /configurations come a type and a name only. Encode a slash within them as %2F."};
}

std::optional<Route::Kind> find_kind(std::string_view path) {
    Segments segments;
    if (segments.split(without_slash_too_many(path))) {
        const std::optional<Found> found = find_words(segments);
        return found ? std::optional(found->kind) : std::nullopt;
    }
    const auto route = find_route(path);
    return route ? std::optional(route->kind) : std::nullopt;
}

std::string_view allowed_methods(Route::Kind kind) {
    if (kind == Route::Kind::cancel) return "POST, OPTIONS";
    return kind == Route::Kind::configurations ? "POST, PUT, DELETE, OPTIONS" : "GET, HEAD, OPTIONS";
}

bool allows(Route::Kind kind, std::string_view method) {
    if (kind == Route::Kind::cancel) return method == "POST";
    if (kind == Route::Kind::configurations) return method == "POST" || method == "PUT" || method == "DELETE";
    return method == "GET" || method == "HEAD";
}

} // namespace rsf::api
