// SPDX-License-Identifier: Apache-2.0
#include "api/admission.hpp"

#include "api/request/origin.hpp"
#include "base/text.hpp"
#include "drivers/call.hpp"
#include "http/problem.hpp"
#include "targets/target_set.hpp"

#include <algorithm>
#include <array>

namespace rsf::api {

namespace {

using Kind = Route::Kind;
using targets::Target, targets::TargetSet;

constexpr std::array<std::string_view, 8> known_methods{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"};

std::string_view query_of(std::string_view target) {
    const auto mark = target.find('?');
    return mark == target.npos ? std::string_view{} : target.substr(mark + 1);
}

drivers::Verb verb_of(std::string_view method, const Query &query, const Target &target) {
    if (method == "DELETE") return drivers::Verb::remove;
    if (config::strategy_of(value_of(query, "strategy")).value_or(target.strategy()) == config::Strategy::apply)
        return drivers::Verb::apply;
    return method == "POST" ? drivers::Verb::create : drivers::Verb::replace;
}

// Whether its answer comes in several forms.
bool is_negotiated(Kind kind, const Query &query) {
    switch (kind) {
    case Kind::operations: return value_of(query, "watch") != "true";
    case Kind::health:
    case Kind::live:
    case Kind::ready:
    case Kind::metrics:
    case Kind::openapi:
    case Kind::events: return false;
    default: return true;
    }
}

// Whether it is about one target, named or the default one.
bool needs_target(const Route &route) {
    switch (route.kind) {
    case Kind::health:
    case Kind::ready: return !route.target.empty();
    case Kind::live:
    case Kind::metrics:
    case Kind::openapi:
    case Kind::operations:
    case Kind::operation:
    case Kind::events:
    case Kind::cancel:
    case Kind::targets: return false;
    default: return true;
    }
}

const std::string &target_name(const TargetSet &targets, const Route &route) {
    return route.target.empty() ? targets.default_target : route.target;
}

OrProblem<std::shared_ptr<Target>> find_target(const TargetSet &targets, const Route &route) {
    const std::string &wanted = target_name(targets, route);
    if (const auto found = targets.by_name.find(wanted); found != targets.by_name.end()) return found->second;
    if (targets.is_lost(wanted))
        return problem_of(
            drivers::transient(unavailable("The target " + in_quotes(wanted) +
                                           " had to end for a reload and can't be made again, as the daemon's log says. The next "
                                           "reload that works brings it back."),
                               {}));
    std::vector<std::string_view> names;
    std::string list;
    for (const auto &[name, target] : targets.by_name) {
        names.push_back(name);
        if (names.size() <= 20) list += (list.empty() ? "" : ", ") + name;
    }
    const std::string detail = wanted.empty() ? "No default target is set: write /targets/{target}/configurations"
                                              : "There is no target " + in_quotes(wanted) + did_you_mean(wanted, names);
    return Problem{404, "no-target", detail + ". The targets are: " + (list.empty() ? "none" : list) + "."};
}

// Null: the write is carried out, not planned.
OrProblem<std::shared_ptr<Target>> find_planner(const TargetSet &targets, const Target &target, const Query &query) {
    if (!target.over() && !dry_run_of(value_of(query, "dryRun")).value_or(false)) return std::shared_ptr<Target>();
    if (const auto found = targets.planners.find(target.name()); found != targets.planners.end()) return found->second;
    return Problem{
        501, "no-dry-run",
        "There is no driver that makes plans: put the driver 'dryrun' into the driver_path of the settings. Nothing was done."};
}

} // namespace

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::optional<Response> redirect(const Request &request) {
    std::string_view path = path_of(request.target);
    if (path.size() < 2 || !path.ends_with('/')) return std::nullopt;
    path.remove_suffix(1);
    if (!find_route(path)) return std::nullopt;
    Response response;
    // 308 keeps method and body; 301 is what old clients know, and for GET it says the same.
    response.status = request.method == "GET" || request.method == "HEAD" ? 301 : 308;
    response.headers.emplace_back("Location", std::string(path) + request.target.substr(path.size() + 1));
    return response;
}

std::optional<Response> answer_options(const Request &request) {
    if (request.method != "OPTIONS") return std::nullopt;
    Response response;
    response.status = 204;
    if (request.target == "*") {
        response.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
        return response;
    }
    const auto route = find_route(path_of(request.target));
    if (!route) return std::nullopt;
    response.headers.emplace_back("Allow", allowed_methods(route->kind));
    return response;
}

bool has_body(const Request &request) {
    const auto lengths = header_values(request.headers, "Content-Length");
    return !request.body.empty() || !header_values(request.headers, "Transfer-Encoding").empty() ||
           (!lengths.empty() && lengths[0].find_first_not_of('0') != std::string_view::npos);
}

OrProblem<Admitted> admit(const Request &request, std::shared_ptr<const TargetSet> targets) {
    if (std::ranges::find(known_methods, request.method) == known_methods.end())
        return Problem{501, "unknown-method", "The method " + in_quotes(request.method) + " is not known here."};
    if (auto problem = refuse_foreign_page(request)) return *problem;
    auto route = find_route(path_of(request.target));
    if (!route) return route.error();
    Admitted admitted;
    admitted.route = std::move(*route);
    admitted.targets = std::move(targets);
    if (request.peer) admitted.caller.address = request.peer->address;
    const Kind kind = admitted.route.kind;
    const bool tells_of_loss = kind == Kind::ready && admitted.targets->is_lost(admitted.route.target);
    if (needs_target(admitted.route) && !tells_of_loss) {
        auto target = find_target(*admitted.targets, admitted.route);
        if (!target) return target.error();
        admitted.target = std::move(*target);
        admitted.waits = admitted.target == nullptr && kind != Kind::ready;
    } else if (kind == Kind::targets) {
        admitted.waits =
            std::ranges::any_of(admitted.targets->by_name, [](const auto &entry) { return entry.second == nullptr; });
    }
    if (admitted.waits) return admitted;
    if (!allows(kind, request.method))
        return Problem{405,
                       "method-not-allowed",
                       request.method + " does not work on " + printable(path_of(request.target), 120) + ": use " +
                           std::string(allowed_methods(kind)) + ".",
                       {},
                       {{"Allow", std::string(allowed_methods(kind))}}};
    auto query = split_query(query_of(request.target), kind == Kind::ready ? "exclude" : "");
    if (!query) return query.error();
    if (auto problem = check_query(*query, kind, request.method)) return *problem;
    admitted.query = std::move(*query);
    if (!is_negotiated(kind, admitted.query)) return admitted;
    if (kind == Kind::list) admitted.verb = drivers::Verb::list;
    if (kind == Kind::configurations) {
        if (auto problem = check_body_label(request.headers, has_body(request))) return *problem;
        auto planner = find_planner(*admitted.targets, *admitted.target, admitted.query);
        if (!planner) return planner.error();
        admitted.planner = std::move(*planner);
        admitted.verb = verb_of(request.method, admitted.query, *admitted.target);
        auto options = read_write_options(request.headers);
        if (!options) return options.error();
        admitted.options = std::move(*options);
    }
    auto format = choose_format(request.headers, admitted.planner ? Answers::plans : Answers::documents);
    if (!format) return format.error();
    admitted.format = *format;
    admitted.strict = prefers_strict(request.headers);
    return admitted;
}

http::RequestSubject subject_of(const Admitted &admitted) {
    if (!needs_target(admitted.route)) return {};
    http::RequestSubject subject{target_name(*admitted.targets, admitted.route), {}};
    const Kind kind = admitted.route.kind;
    if (!admitted.waits && (kind == Kind::list || kind == Kind::get || kind == Kind::configurations))
        subject.operation = to_string(admitted.verb);
    return subject;
}

} // namespace rsf::api
