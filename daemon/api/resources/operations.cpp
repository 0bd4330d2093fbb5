// SPDX-License-Identifier: Apache-2.0
#include "api/resources/operations.hpp"

#include "api/answer/operation_document.hpp"
#include "api/answer/report.hpp"
#include "api/resources/operation_events.hpp"
#include "base/text.hpp"
#include "http/problem.hpp"
#include "operations/operations.hpp"
#include "store/operation_id.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <charconv>
#include <utility>

namespace rsf::api {

namespace json = boost::json;

namespace {

constexpr std::size_t usual_limit = 100, most_listed = 1000;

Problem bad_query(std::string_view name, std::string_view value, const std::string &what) {
    return {400, "bad-query", "The query parameter " + std::string(name) + " is " + in_quotes(value) + ": " + what};
}

struct ListOf {
    store::Filter filter;
    std::size_t limit = usual_limit;
    std::string after;
    bool watches = false;
};

// "Deployment/shop/web"; the namespace and the name may be empty, and the name may have slashes.
std::optional<store::ObjectName> read_object(std::string_view text) {
    const auto first = text.find('/'), second = first == text.npos ? text.npos : text.find('/', first + 1);
    if (first == 0 || second == text.npos) return std::nullopt;
    return store::ObjectName{"", std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
                             std::string(text.substr(second + 1))};
}

OrProblem<ListOf> read_list(const Query &query) {
    ListOf list;
    for (const auto &[name, value] : query) {
        if (name == "watch" && value != "true" && value != "false") return bad_query(name, value, "write true or false.");
        if (name == "watch") list.watches = value == "true";
        if (name == "target") list.filter.target = value;
        if (name == "caller") list.filter.caller = value;
        if (name == "state" && !(list.filter.state = store::state_of(value)))
            return bad_query(name, value,
                             "the states are queued, running, waiting, settling, succeeded, failed and cancelled" +
                                 did_you_mean(value, store::state_words) + ".");
        if (name == "since" || name == "until") {
            std::optional<store::Time> &time = name == "since" ? list.filter.since : list.filter.until;
            if (!(time = read_time(value))) return bad_query(name, value, "write a time as 2026-11-30T10:15:00Z.");
        }
        if (name == "object" && !(list.filter.object = read_object(value)))
            return bad_query(name, value, "write Kind/namespace/name, where namespace and name may be empty.");
        if (name == "limit") {
            const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), list.limit);
            if (failed != std::errc{} || end != value.data() + value.size() || list.limit == 0 || list.limit > most_listed)
                return bad_query(name, value, "write a whole number from 1 to " + std::to_string(most_listed) + ".");
        }
        if (name == "after") {
            if (!store::is_operation_id(value)) return bad_query(name, value, "take what the page before has as next.");
            list.after = value;
        }
    }
    if (list.watches)
        for (const auto &[name, value] : query)
            if (name != "watch" && name != "target" && name != "caller" && name != "state")
                return bad_query(name, value, "with watch=true only target, caller and state say what is told.");
    return list;
}

std::optional<operations::QueuePlace> place_of(const operations::Operations &operations, const store::Summary &operation) {
    return operation.state == store::State::queued ? operations.queue_of(operation.id) : std::nullopt;
}

Response list_of(const operations::Operations &operations, const ListOf &wanted, const Format &format) {
    const auto page = operations.list(wanted.filter, wanted.limit, wanted.after);
    if (!page) return unreadable_store(page.error());
    json::array list;
    for (const store::Summary &each : page->operations) list.push_back(operation_document(each, place_of(operations, each)));
    json::object document{{"operations", std::move(list)}};
    if (page->has_more) document["next"] = page->operations.back().id;
    return api::document(200, document, format);
}

Response one_of(const operations::Operations &operations, const std::string &id, const Format &format) {
    const auto found = operations.find(id);
    if (!found) return unreadable_store(found.error());
    if (!*found) return http::to_response(no_operation(id));
    return api::document(200, operation_document(**found, place_of(operations, **found)), format);
}

Response cancelled(const operations::Operations &operations, const std::string &id, const Result<void> &result,
                   const Format &format) {
    if (!result && result.error().code == Code::not_found) return http::to_response(no_operation(id));
    if (!result && result.error().code == Code::conflict)
        return http::to_response(Problem{409, "has-ended", result.error().message + " Nothing can be cancelled of it."});
    if (!result) return unreadable_store(result.error());
    const auto found = operations.find(id);
    if (!found) return unreadable_store(found.error());
    if (!*found) return http::to_response(no_operation(id));
    return accepted(operations, **found, format);
}

} // namespace

Problem no_operation(std::string_view id) {
    return {404, "no-operation",
            "There is no operation " + in_quotes(id) + ". What has ended is kept as long as the setting history says."};
}

Response unreadable_store(const Error &error) {
    return http::to_response(problem_of(drivers::transient(error, std::chrono::seconds(5))));
}

Response accepted(const operations::Operations &operations, const store::Operation &operation, const Format &format) {
    Response response = document(202, operation_document(operation, place_of(operations, operation)), format);
    response.headers.emplace_back("Location", "/operations/" + operation.id);
    response.headers.emplace_back("Resourcifier-Operation", operation.id);
    return response;
}

void answer_operations(const std::shared_ptr<const Tools> &tools, const Request &request, const Admitted &admitted,
                       Respond respond) {
    const std::string &id = admitted.route.name;
    if (admitted.route.kind == Route::Kind::operations) {
        auto list = read_list(admitted.query);
        if (!list) return respond(http::to_response(list.error()));
        if (list->watches) return answer_watch(tools, request, std::move(list->filter), std::move(respond));
        return tools->later(request.id, std::move(respond), [tools, list = std::move(*list), format = admitted.format] {
            return list_of(*tools->operations, list, format);
        });
    }
    if (!store::is_operation_id(id)) return respond(http::to_response(no_operation(id)));
    if (admitted.route.kind != Route::Kind::cancel)
        return tools->later(request.id, std::move(respond),
                            [tools, id, format = admitted.format] { return one_of(*tools->operations, id, format); });
    const auto told = [tools, id, request_id = request.id, format = admitted.format, respond](const Result<void> &result) {
        tools->later(request_id, respond, [=] { return cancelled(*tools->operations, id, result, format); });
    };
    tools->later.offload([tools, id, request_id = request.id, respond = std::move(respond), told] {
        tools->later.guard(request_id, respond, [&] { tools->operations->cancel(id, told); });
    });
}

} // namespace rsf::api
