// SPDX-License-Identifier: Apache-2.0
#include "api/resources/configurations.hpp"

#include "api/answer/in_time.hpp"
#include "api/answer/plan_report.hpp"
#include "api/answer/report.hpp"
#include "api/request/digest.hpp"
#include "api/resources/operations.hpp"
#include "base/log.hpp"
#include "drivers/call.hpp"
#include "http/problem.hpp"
#include "operations/operations.hpp"
#include "operations/record.hpp"
#include "parse/configuration.hpp"
#include "parse/document.hpp"
#include "render/plan_document.hpp"
#include "run/object_title.hpp"
#include "run/operation.hpp"
#include "run/runner.hpp"
#include "targets/target.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace rsf::api {

namespace json = boost::json;

namespace {

// Writing so few objects takes less time than handing them to another thread.
constexpr std::size_t written_at_once = 8;

// So does reading so small a body, unless its aliases expand to much more.
bool is_read_at_once(std::string_view body) { return body.size() <= 1024 && body.find('*') == body.npos; }

// What the body asks for, or the answer that refuses it.
boost::system::result<run::Operation, Response> read_operation(const Tools &tools, const Request &request,
                                                               const Admitted &admitted) {
    run::Operation operation;
    try {
        auto read = parse::read_configuration(request.body, request.limits ? *request.limits : parse::Limits{});
        if (!read) return http::to_response(problem_of(read.error(), 400));
        if (request.share && !request.share->grow_to(read->memory)) return http::to_response(http::overloaded(memory_is_taken));
        operation.configuration = std::move(*read);
    } catch (const std::exception &error) {
        const http::RequestSubject subject = subject_of(admitted);
        tools.log->error("{}failed while its body was read: {}",
                         LogFields{{"target", subject.target}, {"request", request.id}, {"operation", subject.operation}},
                         error.what());
        return http::to_response({500, "internal", "The daemon failed at this body. Nothing was done."});
    }
    operation.verb = admitted.verb;
    operation.ns = value_of(admitted.query, "namespace");
    operation.request_id = request.id;
    operation.memory = request.share;
    operation.caller = admitted.caller;
    return operation;
}

Response answer_of(run::PlanReport report, drivers::Verb verb, const targets::Target &over, const Format &format, bool strict,
                   Share *memory) {
    const auto too_much = [] { return http::to_response(http::overloaded(memory_is_taken)); };
    // A plan can be dropped without loss. The document made of its steps takes about as much memory again as they do.
    if (memory && (memory->was_refused() || !memory->add(memory->amount()))) return too_much();
    if (!report) return http::to_response(problem_of_refusal(report.error()));
    Response response =
        answer_plan(plan_document(std::move(*report), verb, over, std::chrono::system_clock::now()), format, strict);
    if (memory && !memory->settle(response.body.size())) return too_much();
    return response;
}

void plan(const Tools &tools, run::Operation operation, std::stop_token client_gone, const Admitted &admitted, Respond respond) {
    InTime in_time = answered_in_time(tools, *admitted.planner, std::move(client_gone), std::move(respond));
    const auto answer = [later = tools.later, id = operation.request_id, share = operation.memory, verb = operation.verb,
                         over = admitted.planner->over(), format = admitted.format, strict = admitted.strict,
                         respond = std::move(in_time.respond)](run::PlanReport report) {
        const auto kept = std::make_shared<run::PlanReport>(std::move(report));
        later(id, respond, [=] { return answer_of(std::move(*kept), verb, *over, format, strict, share.get()); });
    };
    tools.runner->plan(*admitted.planner, std::move(operation), std::move(in_time.stop), answer);
}

// A client that has not been answered yet.
class Waiting {
  public:
    explicit Waiting(Respond respond) : respond_(std::move(respond)) {}
    // The first answer counts. Whether this is it.
    bool take() { return !is_answered_.exchange(true); }
    bool is_answered() const { return is_answered_; }
    const Respond &respond() const { return respond_; }

  private:
    const Respond respond_;
    std::atomic<bool> is_answered_ = false;
};

// How the answer to a write is made.
struct Answering {
    Later later;
    std::shared_ptr<operations::Operations> operations;
    std::string request_id;
    drivers::Verb verb;
    bool is_post;
    Format format;
    bool strict;
    WriteOptions options;
    operations::Timers::Clock::time_point until; // the client waits no longer; max: to the end
    std::string given;                           // answer_within_of()
};

void answer_when_ended(const Answering &how, const std::shared_ptr<Waiting> &client, const std::string &id, run::Report report) {
    if (!client->take()) return;
    const bool is_small = !report || report->resources.size() <= written_at_once;
    const auto kept = std::make_shared<run::Report>(std::move(report));
    const auto written = [how, id, kept] {
        Response response = answer_write(how.verb, how.is_post, std::move(*kept), how.format, how.strict);
        response.headers.emplace_back("Resourcifier-Operation", id);
        return response;
    };
    is_small ? how.later.now(how.request_id, client->respond(), written) : how.later(how.request_id, client->respond(), written);
}

// What becomes of a client that does not want to wait to the end.
void answer_before_end(const Answering &how, const std::shared_ptr<Waiting> &client, const std::string &id) {
    const auto answer = [how, client, id](const Result<std::optional<store::Operation>> &found) {
        if (!found || !*found || (how.options.wait && is_final((*found)->state)) || !client->take()) return;
        how.later(how.request_id, client->respond(), [how, operation = **found] {
            Response response = accepted(*how.operations, operation, how.format);
            response.headers.emplace_back("Preference-Applied", "respond-async");
            return response;
        });
    };
    const auto until = operations::Timers::Clock::now() + how.options.wait.value_or(std::chrono::seconds(0));
    how.operations->wait(id, until, answer);
}

// How far each resource is, in the shape of the usual answer, since that is what the client reads.
Response unfinished(const Answering &how, const store::Operation &record) {
    auto configuration = operations::read_payload(record.payload);
    if (!configuration || configuration->resources.size() != record.steps.size())
        return accepted(*how.operations, record, how.format);
    const std::string sentence =
        ": not ended within " + how.given + ". It goes on, and GET /operations/" + record.id + " says what becomes of it.";
    std::vector<std::string> sentences;
    for (const parse::Resource &each : configuration->resources)
        sentences.push_back(run::object_title(each, record.ns) + sentence);
    json::value answer = parse::to_value(*operations::report_of(record, std::move(*configuration)));
    json::array &resources = answer.at("resources").as_array();
    for (std::size_t i = 0; i < resources.size(); ++i)
        if (!record.steps[i].ended)
            resources[i].as_object()["state"] = {{"status", record.steps[i].status},
                                                 {"errors", json::array{json::string(sentences[i])}}};
    Response response = document(202, answer, how.format);
    response.headers.emplace_back("Location", "/operations/" + record.id);
    response.headers.emplace_back("Resourcifier-Operation", record.id);
    return response;
}

// What becomes of a client that waits for the end, when its target's time for an answer is over. Holds nothing of an operation
// that ended before.
void answer_in_time(const Answering &how, const std::shared_ptr<Waiting> &client, const std::string &id) {
    if (how.until == operations::Timers::Clock::time_point::max()) return;
    how.operations->timers().at(how.until, [waits = std::weak_ptr(client), how, id] {
        const auto late = waits.lock();
        const auto running = late && !late->is_answered() ? how.operations->running(id) : nullptr;
        // One that ends just now is answered by its end.
        if (!running || is_final(running->summary().state) || !late->take()) return;
        how.later(how.request_id, late->respond(), [how, running] { return unfinished(how, running->record()); });
    });
}

// The operation that the client's key stands for was accepted before: its answer is this one's.
void answer_as_before(const Answering &how, const std::shared_ptr<Waiting> &client, const std::string &id,
                      parse::Configuration configuration) {
    const auto kept = std::make_shared<parse::Configuration>(std::move(configuration));
    const auto told = [how, client, id, kept](const Result<std::optional<store::Operation>> &found) {
        const auto fail = [&](const Error &error) {
            if (client->take()) client->respond()(unreadable_store(error));
        };
        if (!found) return fail(found.error());
        if (!*found) return fail(unavailable("the operation of this key, " + id + ", is not kept any more"));
        if (!is_final((*found)->state))
            return fail(unavailable("what became of the operation of this key, " + id + ", is not known yet"));
        answer_when_ended(how, client, id, operations::report_of(**found, std::move(*kept)));
    };
    how.operations->wait(id, operations::Timers::Clock::time_point::max(), told);
    if (how.options.is_async) return answer_before_end(how, client, id);
    answer_in_time(how, client, id);
}

Response key_is_taken(const std::string &id) {
    return http::to_response(Problem{422, "key-reused",
                                     "The Idempotency-Key was sent with another request before, which is the operation " + id +
                                         ": a key stands for one request. Nothing was done."});
}

operations::Timers::Clock::time_point end_of_waiting(const targets::Target &target) {
    using Clock = operations::Timers::Clock;
    return target.answer_within().count() == 0 ? Clock::time_point::max() : Clock::now() + target.answer_within();
}

void write(const Tools &tools, run::Operation operation, const Request &request, Admitted &admitted, Respond respond) {
    // It may outlive the request. The record holds it once more, as a text about as large as the body.
    if (request.share) {
        if (!request.share->add(request.body.size())) return respond(http::to_response(http::overloaded(memory_is_taken)));
        operation.memory = request.share->split_off();
    }
    const std::shared_ptr<Share> memory = operation.memory;
    const auto client = std::make_shared<Waiting>(std::move(respond));
    const Answering how{tools.later,
                        tools.operations,
                        request.id,
                        operation.verb,
                        request.method == "POST",
                        admitted.format,
                        admitted.strict,
                        admitted.options,
                        end_of_waiting(*admitted.target),
                        admitted.target->answer_within().count() == 0 ? std::string() : answer_within_of(*admitted.target)};
    operations::Wanted wanted;
    wanted.target = std::move(admitted.target);
    wanted.arrival = std::move(admitted.arrivals[0]);
    wanted.reason = admitted.options.reason;
    if (!admitted.options.key.empty()) {
        wanted.key = admitted.options.key;
        wanted.digest = digest_of(request, wanted.target->name());
    }
    wanted.operation = std::move(operation);
    const auto id = std::make_shared<std::string>();
    const auto begun = [how, client, id](boost::system::result<operations::Accepted, drivers::Failure> accepted) {
        using How = operations::Accepted::How;
        if (!accepted) {
            if (client->take()) client->respond()(http::to_response(problem_of_refusal(accepted.error())));
            return;
        }
        *id = accepted->id;
        if (accepted->how == How::mismatch && client->take()) return client->respond()(key_is_taken(*id));
        if (accepted->how == How::known) return answer_as_before(how, client, *id, std::move(accepted->configuration));
        if (accepted->how != How::fresh) return;
        how.options.is_async ? answer_before_end(how, client, *id) : answer_in_time(how, client, *id);
    };
    tools.operations->begin(std::move(wanted), begun, [how, client, id, memory](run::Report report) {
        answer_when_ended(how, client, *id, std::move(report));
    });
}

void carry_out(const Tools &tools, const Request &request, Admitted &admitted, const Respond &respond) {
    auto operation = read_operation(tools, request, admitted);
    if (!operation) return respond(operation.error());
    if (admitted.planner) return plan(tools, std::move(*operation), request.client_gone, admitted, respond);
    write(tools, std::move(*operation), request, admitted, respond);
}

} // namespace

void answer_configurations(std::shared_ptr<const Tools> tools, Request request, Admitted admitted, Respond respond) {
    if (is_read_at_once(request.body)) return carry_out(*tools, request, admitted, respond);
    struct Work {
        Request request;
        Admitted admitted;
    };
    const auto kept = std::make_shared<Work>(Work{std::move(request), std::move(admitted)});
    const Offload &offload = tools->later.offload;
    offload([tools, kept, respond = std::move(respond)] {
        tools->later.guard(kept->request.id, respond, [&] { carry_out(*tools, kept->request, kept->admitted, respond); });
    });
}

} // namespace rsf::api
