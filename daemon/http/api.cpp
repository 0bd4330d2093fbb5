// SPDX-License-Identifier: Apache-2.0
#include "http/api.hpp"

#include "base/text.hpp"
#include "http/openapi.hpp"
#include "http/origin.hpp"
#include "http/plan_report.hpp"
#include "http/readiness.hpp"
#include "http/report.hpp"
#include "parse/configuration.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <span>

namespace rsf::http {

namespace {

using Kind = Route::Kind;

constexpr std::array<std::string_view, 8> known_methods{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"};
constexpr std::array<std::string_view, 4> list_parameters{"namespace", "allNamespaces", "labelSelector", "fieldSelector"};
constexpr std::array<std::string_view, 1> get_parameters{"namespace"};
constexpr std::array<std::string_view, 2> ready_parameters{"verbose", "exclude"};
constexpr std::array<std::string_view, 3> write_parameters{"namespace", "dryRun", "strategy"};

// For drivers to say how they are, before their word of last time counts.
constexpr std::chrono::milliseconds scrape_waits{100};

// So few objects take less time to write than to hand to another thread.
constexpr std::size_t written_at_once = 8;

// So does so small a body to read, unless aliases make much of it.
bool is_read_at_once(std::string_view body) { return body.size() <= 1024 && body.find('*') == body.npos; }

bool is_known(std::string_view word, std::span<const std::string_view> known) {
    return std::find(known.begin(), known.end(), word) != known.end();
}

std::string_view value_of(const Query &query, std::string_view name) {
    const auto found = std::find_if(query.begin(), query.end(), [&](const auto &pair) { return pair.first == name; });
    return found == query.end() ? std::string_view{} : std::string_view(found->second);
}

// What dryRun asks for; Kubernetes' own spelling is All. None: no word that is known here.
std::optional<bool> dry_run_of(std::string_view value) {
    if (same_word(value, "true") || same_word(value, "all")) return true;
    if (value.empty() || same_word(value, "false") || same_word(value, "none")) return false;
    return std::nullopt;
}

std::optional<Problem> check_query(const Query &query, Kind kind, std::string_view method) {
    if (kind == Kind::health || kind == Kind::live || kind == Kind::metrics) return std::nullopt; // probes add what they like
    const auto bad = [](unsigned status, std::string_view type, std::string detail) {
        return Problem{status, std::string(type), std::move(detail), {}, {}};
    };
    const auto known = known_parameters(kind);
    for (const auto &[name, value] : query) {
        if (name == "dryRun" && is_known(name, known) && !dry_run_of(value))
            return bad(400, "bad-query", "The query parameter dryRun is " + in_quotes(value) + ": write true, All or false.");
        if (name == "strategy" && kind == Kind::configurations && method == "DELETE")
            return bad(400, "bad-query", "The query parameter strategy is for POST and PUT: there is one way to delete.");
        if (name == "strategy" && kind == Kind::configurations && !run::strategy_of(value))
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

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }
std::string_view query_of(std::string_view target) {
    const auto mark = target.find('?');
    return mark == target.npos ? std::string_view{} : target.substr(mark + 1);
}

// A slash too many at the end of a path that would be good without it.
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

// Whether one has come, or its head announces one.
bool has_body(const Request &request) {
    const auto lengths = header_values(request.headers, "Content-Length");
    return !request.body.empty() || !header_values(request.headers, "Transfer-Encoding").empty() ||
           (!lengths.empty() && lengths[0].find_first_not_of('0') != std::string_view::npos);
}

drivers::Verb verb_of(std::string_view method, const Query &query, const run::Target &target) {
    if (method == "DELETE") return drivers::Verb::remove;
    if (run::strategy_of(value_of(query, "strategy")).value_or(target.strategy()) == run::Strategy::apply)
        return drivers::Verb::apply;
    return method == "POST" ? drivers::Verb::create : drivers::Verb::replace;
}

// Whether its answer comes in several forms.
bool is_negotiated(Kind kind) {
    switch (kind) {
    case Kind::health:
    case Kind::live:
    case Kind::ready:
    case Kind::metrics:
    case Kind::openapi: return false;
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
    case Kind::targets: return false;
    default: return true;
    }
}

const std::string &target_name(const Targets &targets, const Route &route) {
    return route.target.empty() ? targets.default_target : route.target;
}

OrProblem<std::shared_ptr<run::Target>> find_target(const Targets &targets, const Route &route) {
    const std::string &wanted = target_name(targets, route);
    if (const auto found = targets.by_name.find(wanted); found != targets.by_name.end()) return found->second;
    if (targets.is_lost(wanted))
        return problem_of(
            drivers::Failure{Code::unavailable,
                             "The target " + in_quotes(wanted) +
                                 " had to end for a reload and can't be made again, as the daemon's log says. The next "
                                 "reload that works brings it back.",
                             drivers::Failure::Retry::later,
                             {},
                             {}});
    std::vector<std::string_view> names;
    std::string list;
    for (const auto &[name, target] : targets.by_name) {
        names.push_back(name);
        if (names.size() <= 20) list += (list.empty() ? "" : ", ") + name;
    }
    const std::string detail = wanted.empty() ? "No default target is set: write /targets/{target}/configurations"
                                              : "There is no target " + in_quotes(wanted) + did_you_mean(wanted, names);
    return Problem{404, "no-target", detail + ". The targets are: " + (list.empty() ? "none" : list) + ".", {}, {}};
}

// Null: the write is meant.
OrProblem<std::shared_ptr<run::Target>> find_planner(const Targets &targets, const run::Target &target, const Query &query) {
    if (!target.over() && !dry_run_of(value_of(query, "dryRun")).value_or(false)) return std::shared_ptr<run::Target>();
    if (const auto found = targets.planners.find(target.name()); found != targets.planners.end()) return found->second;
    return Problem{
        501,
        "no-dry-run",
        "There is no driver that makes plans: put the driver 'dryrun' into the driver_path of the settings. Nothing was done.",
        {},
        {}};
}

boost::json::object target_document(const run::Target &target, const Targets &targets, run::Health health) {
    namespace json = boost::json;
    const drivers::Descriptor &driver = target.driver().descriptor();
    const auto strings = [](const std::vector<std::string> &words) { return json::array(words.begin(), words.end()); };
    json::object state{{"ok", health.ok}, {"running", health.running}, {"queued", health.queued}, {"lost", health.lost}};
    if (!health.ok) state["reason"] = health.reason;
    if (!health.driver.empty()) state["driver"] = std::move(health.driver);
    // The driver's settings stay out: they hold secrets.
    return {{"name", target.name()},
            {"default", target.name() == targets.default_target},
            {"driver",
             {{"name", driver.name},
              {"version", driver.version},
              {"vendor", driver.vendor},
              {"url", driver.url},
              {"summary", driver.summary},
              {"abi", std::to_string(driver.abi_major) + '.' + std::to_string(driver.abi_minor)},
              {"concurrent", target.driver().is_concurrent()}}},
            {"strategy", to_string(target.strategy())},
            {"capabilities", strings(drivers::capability_names(driver.capabilities))},
            {"extensions", strings(target.driver().extensions())},
            {"health", std::move(state)}};
}

} // namespace

std::span<const std::string_view> known_parameters(Kind kind) {
    switch (kind) {
    case Kind::list: return list_parameters;
    case Kind::get: return get_parameters;
    case Kind::configurations: return write_parameters;
    case Kind::ready: return ready_parameters;
    default: return {};
    }
}

Api::Api(Targets targets, Offload offload, std::shared_ptr<const metrics::Metrics> metrics, Log log)
    : later_{std::move(offload), log}, after_questions_{[this](auto work) { questioners_.post(std::move(work)); },
                                                        std::move(log)},
      metrics_(std::move(metrics)), targets_(std::make_shared<const Targets>(std::move(targets))) {}

void Api::replace(Targets targets) {
    auto next = std::make_shared<const Targets>(std::move(targets));
    std::vector<std::function<void()>> waiting;
    {
        const std::lock_guard lock(mutex_);
        targets_.swap(next); // what was there goes after the lock
        waiting.swap(waiting_);
    }
    for (std::function<void()> &request : waiting) later_.offload(std::move(request));
}

// Unless there are other targets by now than those that were seen.
void Api::wait(std::shared_ptr<const Targets> seen, Request request, Respond respond) {
    const auto kept = std::make_shared<Request>(std::move(request));
    const auto again = [self = shared_from_this(), kept, id = kept->id, respond = std::move(respond)] {
        self->later_.guard(id, respond, [&] { self->handle(std::move(*kept), respond); });
    };
    {
        const std::lock_guard lock(mutex_);
        if (targets_ == seen) return waiting_.push_back(again);
    }
    again();
}

std::shared_ptr<const Targets> Api::targets() const {
    const std::lock_guard lock(mutex_);
    return targets_;
}

OrProblem<Api::Admitted> Api::admit(const Request &request) const {
    if (!is_known(request.method, known_methods))
        return Problem{501, "unknown-method", "The method " + in_quotes(request.method) + " is not known here.", {}, {}};
    if (auto problem = refuse_foreign_page(request)) return *problem;
    auto route = find_route(path_of(request.target));
    if (!route) return route.error();
    Admitted admitted;
    admitted.route = std::move(*route);
    admitted.targets = targets();
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
    if (!is_negotiated(kind)) return admitted;
    if (kind == Kind::list) admitted.verb = drivers::Verb::list;
    if (kind == Kind::configurations) {
        if (auto problem = check_body_label(request.headers, has_body(request))) return *problem;
        auto planner = find_planner(*admitted.targets, *admitted.target, admitted.query);
        if (!planner) return planner.error();
        admitted.planner = std::move(*planner);
        admitted.verb = verb_of(request.method, admitted.query, *admitted.target);
    }
    auto format = choose_format(request.headers, admitted.planner ? Answers::plans : Answers::documents);
    if (!format) return format.error();
    admitted.format = *format;
    admitted.strict = prefers_strict(request.headers);
    return admitted;
}

bool Api::is_probe(const Request &head) {
    const auto kind = find_kind(path_of(head.target));
    return kind && (*kind == Kind::live || *kind == Kind::health) && allows(*kind, head.method);
}

std::optional<Response> Api::refuse(const Request &head) const {
    if (answer_options(head)) return std::nullopt;
    if (auto elsewhere = redirect(head)) return elsewhere;
    const auto admitted = admit(head);
    if (!admitted) return to_response(admitted.error());
    const Admitted &found = *admitted;
    if (found.route.kind != Kind::configurations || found.waits) return std::nullopt;
    if (const auto failure = (found.planner ? found.planner : found.target)->refuse(found.verb))
        return to_response(problem_of(*failure));
    return std::nullopt;
}

Subject Api::subject_of(const Admitted &admitted) {
    if (!needs_target(admitted.route)) return {};
    Subject subject{target_name(*admitted.targets, admitted.route), {}};
    const Kind kind = admitted.route.kind;
    if (!admitted.waits && (kind == Kind::list || kind == Kind::get || kind == Kind::configurations))
        subject.operation = to_string(admitted.verb);
    return subject;
}

Subject Api::handle(Request request, Respond respond) {
    const auto at_once = [&respond](Response response) {
        respond(std::move(response));
        return Subject{};
    };
    if (auto options = answer_options(request)) return at_once(std::move(*options));
    if (auto elsewhere = redirect(request)) return at_once(std::move(*elsewhere));
    auto admitted = admit(request);
    if (!admitted) return at_once(to_response(admitted.error()));
    Subject subject = subject_of(*admitted);
    if (admitted->waits)
        wait(std::move(admitted->targets), std::move(request), std::move(respond));
    else
        work_on(std::move(request), std::move(*admitted), std::move(respond));
    return subject;
}

void Api::work_on(Request request, Admitted admitted, Respond respond) {
    switch (admitted.route.kind) {
    case Kind::health: return respond({200, "text/plain; charset=UTF-8", "OK", {}});
    case Kind::live: return respond({200, "text/plain; charset=UTF-8", "ok", {}});
    case Kind::openapi: return respond({200, "application/json", std::string(openapi_document), {}});
    case Kind::metrics: return tell_metrics(std::move(request), std::move(admitted), std::move(respond));
    case Kind::ready: return tell_readiness(std::move(request), std::move(admitted), std::move(respond));
    case Kind::targets:
    case Kind::target: return tell_targets(std::move(request), std::move(admitted), std::move(respond));
    case Kind::list:
    case Kind::get: return read(std::move(request), std::move(admitted), std::move(respond));
    case Kind::configurations: return write(std::move(request), std::move(admitted), std::move(respond));
    }
}

void Api::tell_targets(Request request, Admitted admitted, Respond respond) {
    std::vector<std::pair<std::shared_ptr<run::Target>, run::HealthQuestion>> asked;
    if (admitted.target) asked.emplace_back(admitted.target, admitted.target->ask_health());
    if (!admitted.target)
        for (const auto &[name, target] : admitted.targets->by_name) asked.emplace_back(target, target->ask_health());
    after_questions_(request.id, std::move(respond), [admitted = std::move(admitted), asked = std::move(asked)] {
        boost::json::array list;
        for (const auto &[target, question] : asked)
            list.push_back(target_document(*target, *admitted.targets, question.answer()));
        if (admitted.target) return document(200, list.front(), admitted.format);
        return document(200, boost::json::object{{"targets", std::move(list)}}, admitted.format);
    });
}

void Api::tell_readiness(Request request, Admitted admitted, Respond respond) {
    after_questions_(request.id, std::move(respond),
                     ask_readiness(std::move(admitted.targets), admitted.route.target, going_down_, std::move(admitted.query)));
}

// Whether drivers are well is one of the metrics.
void Api::tell_metrics(Request request, Admitted admitted, Respond respond) {
    std::vector<run::HealthQuestion> asked;
    for (const auto &[name, target] : admitted.targets->by_name)
        if (target) asked.push_back(target->ask_health());
    after_questions_(request.id, std::move(respond), [metrics = metrics_, asked = std::move(asked)] {
        for (const run::HealthQuestion &question : asked) static_cast<void>(question.answer(scrape_waits));
        return Response{200, std::string(metrics::metrics_content_type), metrics->text(), {}};
    });
}

void Later::operator()(std::string request_id, Respond respond, std::function<Response()> work) const {
    offload([self = Later{{}, log}, id = std::move(request_id), respond = std::move(respond), work = std::move(work)] {
        self.now(id, respond, work);
    });
}

void Later::now(const std::string &request_id, const Respond &respond, const std::function<Response()> &work) const {
    guard(request_id, respond, [&] { respond(work()); });
}

void Later::guard(const std::string &request_id, const Respond &respond, const std::function<void()> &work) const {
    try {
        work();
    } catch (const std::exception &error) {
        log->error("{}failed inside the daemon: {}", LogFields{{"request", request_id}}, error.what());
        respond(to_response({500, "internal", "The daemon failed at this request; its log says why.", {}, {}}));
    }
}

void Api::read(Request request, Admitted admitted, Respond respond) {
    drivers::Call call;
    call.verb = admitted.verb;
    call.type = admitted.route.type;
    call.name = admitted.route.name;
    call.all_namespaces = value_of(admitted.query, "allNamespaces") == "true";
    call.ns = value_of(admitted.query, "namespace");
    call.label_selector = value_of(admitted.query, "labelSelector");
    call.field_selector = value_of(admitted.query, "fieldSelector");
    call.request_id = request.id;
    call.as_text = admitted.format.form == Form::json;
    call.memory = request.share;
    const bool is_list = call.verb == drivers::Verb::list;
    admitted.target->read(std::move(call), request.client_gone,
                          [later = later_, is_list, id = request.id, format = admitted.format, share = request.share,
                           respond](drivers::Answer answer) {
                              const auto kept = std::make_shared<drivers::Answer>(std::move(answer));
                              const auto write = [=] { return answer_read(std::move(*kept), format, share.get()); };
                              const bool is_to_be_written = is_list && *kept && (*kept)->text.empty();
                              is_to_be_written ? later(id, respond, write) : later.now(id, respond, write);
                          });
}

void Api::write(Request request, Admitted admitted, Respond respond) {
    if (is_read_at_once(request.body)) return perform(std::move(request), std::move(admitted), respond);
    const auto kept = std::make_shared<std::pair<Request, Admitted>>(std::move(request), std::move(admitted));
    later_.offload([self = shared_from_this(), kept, id = kept->first.id, respond = std::move(respond)] {
        self->later_.guard(id, respond, [&] { self->perform(std::move(kept->first), std::move(kept->second), respond); });
    });
}

void Api::perform(Request request, Admitted admitted, Respond respond) {
    run::Operation operation;
    try {
        auto read = read_configuration(request.body, request.limits ? *request.limits : parse::Limits{});
        if (!read) return respond(to_response(problem_of(read.error(), 400)));
        if (request.share && !request.share->grow_to(read->memory))
            return respond(to_response(overloaded(drivers::memory_is_taken)));
        operation.configuration = std::move(*read);
    } catch (const std::exception &error) {
        const Subject subject = subject_of(admitted);
        later_.log->error("{}failed while its body was read: {}",
                          LogFields{{"target", subject.target}, {"request", request.id}, {"operation", subject.operation}},
                          error.what());
        return respond(to_response({500, "internal", "The daemon failed at this body. Nothing was done.", {}, {}}));
    }
    operation.verb = admitted.verb;
    operation.ns = value_of(admitted.query, "namespace");
    operation.request_id = request.id;
    operation.memory = request.share;
    if (admitted.planner) return plan(std::move(operation), request.client_gone, std::move(admitted), std::move(respond));
    admitted.target->write(std::move(operation), [later = later_, share = request.share, id = request.id, verb = admitted.verb,
                                                  is_post = request.method == "POST", format = admitted.format,
                                                  strict = admitted.strict, respond](run::Report report) {
        const bool is_small = !report || report->resources.size() <= written_at_once;
        const auto kept = std::make_shared<run::Report>(std::move(report));
        const auto write = [=] { return answer_write(verb, is_post, std::move(*kept), format, strict); };
        is_small ? later.now(id, respond, write) : later(id, respond, write);
    });
}

void Api::plan(run::Operation operation, std::stop_token client_gone, Admitted admitted, Respond respond) {
    const std::string id = operation.request_id;
    const drivers::Verb verb = operation.verb;
    const auto answer = [later = later_, share = operation.memory, id, verb, over = admitted.planner->over(),
                         format = admitted.format, strict = admitted.strict, respond](run::PlanReport report) {
        const auto kept = std::make_shared<run::PlanReport>(std::move(report));
        later(id, respond, [=] {
            const auto too_much = [&] { return to_response(overloaded(drivers::memory_is_taken)); };
            // Nothing is lost with a plan. What is made of its steps takes about as much again as they do.
            if (share && (share->was_refused() || !share->add(share->amount()))) return too_much();
            if (!*kept) return to_response(problem_of(kept->error()));
            run::PlanOutcome outcome = std::move(**kept);
            Response response =
                answer_plan(plan_document(std::move(outcome), verb, *over, std::chrono::system_clock::now()), format, strict);
            if (share && !share->settle(response.body.size())) return too_much();
            return response;
        });
    };
    admitted.planner->plan(std::move(operation), std::move(client_gone), answer);
}

} // namespace rsf::http
