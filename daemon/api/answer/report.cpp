// SPDX-License-Identifier: Apache-2.0
#include "api/answer/report.hpp"

#include "base/json_pointer.hpp"
#include "drivers/call.hpp"
#include "http/problem.hpp"
#include "parse/configuration.hpp"
#include "parse/document.hpp"
#include "run/operation.hpp"

#include <algorithm>

namespace rsf::api {

namespace {

// The resources failed behind this daemon, so a client that asks for a failing status gets 502 (Bad Gateway).
constexpr unsigned some_failed = 502;

bool was_created(const parse::Resource &resource) { return resource.state && resource.state->status == parse::Status::created; }

bool went_well(const parse::Resource &resource) { return resource.state && parse::went_well(resource.state->status); }

// The manager reads the state of every resource, so each gets one, whatever happened.
void complete_states(parse::Configuration &configuration) {
    for (parse::Resource &resource : configuration.resources)
        if (!resource.state)
            resource.state = parse::State{parse::Status::failed, {"The daemon does not know what became of it."}, {}};
}

// How long to wait before the same request is worth repeating: the longest wait that a failed resource asks for, if all of them
// ask for one. 0: a repeat is not known to help.
std::chrono::seconds wait_of(const std::vector<parse::Resource> &resources) {
    std::chrono::seconds longest{};
    for (const parse::Resource &resource : resources) {
        if (!resource.state || resource.state->status != parse::Status::failed) continue;
        if (!resource.state->failure || resource.state->failure->retry_after.count() == 0) return {};
        longest = std::max(longest, resource.state->failure->retry_after);
    }
    return longest;
}

Response not_all_deleted(const parse::Configuration &configuration) {
    const auto &resources = configuration.resources;
    const auto failed = std::count_if(resources.begin(), resources.end(), [](const parse::Resource &r) { return !went_well(r); });
    Problem problem{some_failed, "not-all-deleted"};
    problem.detail = std::to_string(failed) + " of " + std::to_string(resources.size()) + " resources could not be deleted" +
                     (static_cast<std::size_t>(failed) < resources.size() ? "; the others were deleted" : "") +
                     ". Send the same request again once the cause is fixed.";
    for (std::size_t i = 0; i < resources.size(); ++i) {
        if (went_well(resources[i])) continue;
        Place place = resources[i].place;
        place.pointer = below("/resources", i);
        for (const std::string &sentence : resources[i].state->errors) {
            const bool is_first = &sentence == &resources[i].state->errors.front();
            problem.parts.push_back({place, sentence, is_first ? resources[i].state->failure : std::nullopt});
        }
    }
    if (const auto wait = wait_of(resources); wait.count() != 0) problem.headers.push_back(http::retry_after(wait));
    return http::to_response(std::move(problem));
}

Response document(unsigned status, std::string text, const Format &format) {
    Response response;
    response.status = status;
    response.content_type = format.label;
    response.body = std::move(text);
    response.headers.emplace_back("Vary", "Accept");
    return response;
}

} // namespace

Response document(unsigned status, const boost::json::value &value, const Format &format) {
    return document(status, format.form == Form::json ? parse::write_json(value) + '\n' : parse::write_yaml(value), format);
}

Response answer_write(drivers::Verb verb, bool is_post, run::Report report, const Format &format, bool strict) {
    if (!report) return http::to_response(problem_of_refusal(report.error()));
    parse::Configuration configuration = std::move(*report);
    complete_states(configuration);
    const bool well = std::all_of(configuration.resources.begin(), configuration.resources.end(), went_well);
    if (verb == drivers::Verb::remove) {
        if (!well) return not_all_deleted(configuration);
        Response gone;
        gone.status = 204;
        return gone;
    }
    // A POST whose apply only changed existing objects has created nothing.
    const auto &resources = configuration.resources;
    const bool created =
        is_post && (verb != drivers::Verb::apply || std::any_of(resources.begin(), resources.end(), was_created));
    const unsigned status = !well ? (strict ? some_failed : 207) : created ? 201 : 200;
    const std::chrono::seconds wait = well ? std::chrono::seconds() : wait_of(resources);
    Response response = document(status, to_value(std::move(configuration)), format);
    if (wait.count() != 0) response.headers.push_back(http::retry_after(wait));
    if (strict) response.headers.emplace_back("Preference-Applied", "handling=strict");
    return response;
}

Response answer_read(drivers::Answer answer, const Format &format, Share *memory) {
    const auto too_much = [&] { return http::to_response(http::overloaded(memory_is_taken)); };
    if (!answer && memory && memory->was_refused()) return too_much();
    if (!answer) return http::to_response(problem_of(answer.error()));
    if (!answer->text.empty()) {
        answer->text += '\n';
        return document(200, std::move(answer->text), format);
    }
    if (!memory) return document(200, answer->object, format);
    if (format.form == Form::json) // the text is no longer than the value it is written from
        return memory->add(answer->counted) ? document(200, answer->object, format) : too_much();
    auto text = parse::write_yaml_within(answer->object, [&](std::size_t bytes) { return memory->add(bytes); });
    return text ? document(200, std::move(*text), format) : too_much();
}

} // namespace rsf::api
