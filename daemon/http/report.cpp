// SPDX-License-Identifier: Apache-2.0
#include "http/report.hpp"

#include "http/problem.hpp"
#include "parse/configuration.hpp"
#include "parse/document.hpp"

#include <algorithm>

namespace rsf::daemon {

namespace {

// What happened to the resources was decided behind this daemon, so for a client that wants a failure it is a bad gateway.
constexpr unsigned some_failed = 502;

bool was_created(const Resource &resource) { return resource.state && resource.state->status == Status::created; }

bool went_well(const Resource &resource) {
    return resource.state && resource.state->status != Status::failed && resource.state->status != Status::aborted;
}

// The manager reads the state of every resource, so each gets one, whatever happened.
void complete_states(Configuration &configuration) {
    for (Resource &resource : configuration.resources)
        if (!resource.state) resource.state = State{Status::failed, {"The daemon does not know what became of it."}, {}};
}

} // namespace

Problem problem_of(const Refusal &refusal) {
    const Code code = refusal.error.code;
    // What is wrong here is the daemon's fault or its load, never a gateway's.
    const unsigned status = code == Code::invalid       ? 400
                            : code == Code::unavailable ? 503
                            : code == Code::unsupported ? 501
                            : code == Code::timeout     ? 504
                                                        : 500;
    Problem problem = problem_of(refusal.error, status);
    if (status == 503) problem.headers.push_back(retry_after(refusal.retry_after));
    return problem;
}

namespace {

std::string joined(const std::vector<std::string> &sentences) {
    std::string text;
    for (const std::string &sentence : sentences) text += (text.empty() ? "" : " ") + sentence;
    return text;
}

Response not_all_deleted(const Configuration &configuration, std::string_view request_id) {
    const auto &resources = configuration.resources;
    const auto failed = std::count_if(resources.begin(), resources.end(), [](const Resource &r) { return !went_well(r); });
    Problem problem{some_failed, "not-all-deleted", {}, {}, {}};
    problem.detail = std::to_string(failed) + " of " + std::to_string(resources.size()) + " resources could not be deleted" +
                     (static_cast<std::size_t>(failed) < resources.size() ? "; the others are gone" : "") +
                     ". Send the same request again once what is in the way is mended.";
    for (std::size_t i = 0; i < resources.size(); ++i) {
        if (went_well(resources[i])) continue;
        Place place = resources[i].place;
        place.pointer = "/resources/" + std::to_string(i);
        problem.parts.push_back({std::move(place), resources[i].name + ": " + joined(resources[i].state->errors)});
    }
    return to_response(problem, request_id);
}

} // namespace

Response document(unsigned status, const boost::json::value &value, const Format &format) {
    Response response;
    response.status = status;
    response.content_type = format.label;
    response.body = format.form == Form::json ? write_json(value) + '\n' : write_yaml(value);
    response.headers.emplace_back("Vary", "Accept");
    return response;
}

Response answer_write(Verb verb, bool is_post, Report report, const Format &format, bool strict, std::string_view request_id) {
    if (!report) return to_response(problem_of(report.error()), request_id);
    Configuration configuration = std::move(*report);
    complete_states(configuration);
    const bool well = std::all_of(configuration.resources.begin(), configuration.resources.end(), went_well);
    if (verb == Verb::remove) {
        if (!well) return not_all_deleted(configuration, request_id);
        Response gone;
        gone.status = 204;
        return gone;
    }
    // A POST that only applied what was there already has created nothing.
    const auto &resources = configuration.resources;
    const bool created = is_post && (verb != Verb::apply || std::any_of(resources.begin(), resources.end(), was_created));
    const unsigned status = !well ? (strict ? some_failed : 207) : created ? 201 : 200;
    Response response = document(status, to_value(std::move(configuration)), format);
    if (strict) response.headers.emplace_back("Preference-Applied", "handling=strict");
    return response;
}

Response answer_read(const Answer &answer, const Format &format, std::string_view request_id) {
    if (!answer) return to_response(problem_of(answer.error()), request_id);
    return document(200, answer->object, format);
}

} // namespace rsf::daemon
