// SPDX-License-Identifier: Apache-2.0
#include "api/request/query.hpp"

#include "base/text.hpp"
#include "config/target_limits.hpp"
#include "http/problem.hpp"
#include "http/syntax.hpp"

#include <algorithm>
#include <array>

namespace rsf::api {

namespace {

using http::same_word;

using Kind = Route::Kind;

constexpr std::array<std::string_view, 4> list_parameters{"namespace", "allNamespaces", "labelSelector", "fieldSelector"};
constexpr std::array<std::string_view, 1> get_parameters{"namespace"};
constexpr std::array<std::string_view, 2> ready_parameters{"verbose", "exclude"};
constexpr std::array<std::string_view, 9> operation_parameters{"target", "state", "caller", "since", "until",
                                                               "object", "limit", "after",  "watch"};
constexpr std::array<std::string_view, 3> write_parameters{"namespace", "dryRun", "strategy"};

bool is_known(std::string_view word, std::span<const std::string_view> known) {
    return std::find(known.begin(), known.end(), word) != known.end();
}

} // namespace

std::span<const std::string_view> known_parameters(Kind kind) {
    switch (kind) {
    case Kind::list: return list_parameters;
    case Kind::get: return get_parameters;
    case Kind::configurations: return write_parameters;
    case Kind::ready: return ready_parameters;
    case Kind::operations: return operation_parameters;
    default: return {};
    }
}

std::string_view value_of(const Query &query, std::string_view name) {
    const auto found = std::find_if(query.begin(), query.end(), [&](const auto &pair) { return pair.first == name; });
    return found == query.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<bool> dry_run_of(std::string_view value) {
    if (same_word(value, "true") || same_word(value, "all")) return true;
    if (value.empty() || same_word(value, "false") || same_word(value, "none")) return false;
    return std::nullopt;
}

std::optional<Problem> check_query(const Query &query, Kind kind, std::string_view method) {
    if (kind == Kind::health || kind == Kind::live || kind == Kind::metrics)
        return std::nullopt; // probes may send any parameters
    const auto bad = [](unsigned status, std::string_view type, std::string detail) {
        return Problem{status, std::string(type), std::move(detail)};
    };
    const auto known = known_parameters(kind);
    for (const auto &[name, value] : query) {
        if (name == "dryRun" && is_known(name, known) && !dry_run_of(value))
            return bad(400, "bad-query", "The query parameter dryRun is " + in_quotes(value) + ": write true, All or false.");
        if (name == "strategy" && kind == Kind::configurations && method == "DELETE")
            return bad(400, "bad-query", "The query parameter strategy is for POST and PUT: there is one way to delete.");
        if (name == "strategy" && kind == Kind::configurations && !config::strategy_of(value))
            return bad(400, "bad-query",
                       "The query parameter strategy is " + in_quotes(value) + ": write create-replace or apply.");
        if (kind == Kind::get && is_known(name, list_parameters) && !is_known(name, known))
            return bad(400, "bad-query", "The query parameter " + in_quotes(name) + " is for lists: here one object is named.");
        if (!is_known(name, known))
            return bad(400, "bad-query",
                       "There is no query parameter " + in_quotes(name) + " here" + did_you_mean(name, known) + ".");
        if (name == "allNamespaces" && value != "true" && value != "false")
            return bad(400, "bad-query", "The query parameter allNamespaces is " + in_quotes(value) + ": write true or false.");
    }
    if (value_of(query, "allNamespaces") == "true" && !value_of(query, "namespace").empty())
        return bad(400, "bad-query", "The query asks for one namespace and for all of them: give one of the two.");
    return std::nullopt;
}

} // namespace rsf::api
