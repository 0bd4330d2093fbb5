// SPDX-License-Identifier: Apache-2.0
#include "operations/record.hpp"

#include "run/object_title.hpp"
#include "run/report.hpp"

#include <resourcifier/json_text.hpp>

#include <algorithm>
#include <utility>

namespace rsf::operations {

namespace json = boost::json;

namespace {

bool has_text(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value && value->is_string();
}

void note_state(store::Step &step, const parse::State &state) {
    step.status = to_string(state.status);
    step.errors = state.errors;
    step.warnings = state.warnings;
    step.selflink = state.selflink;
    step.code = state.failure ? state.failure->code : std::string();
    step.details = state.failure && !state.failure->details.is_null() ? json_text(state.failure->details) : std::string();
    step.retry_after = state.failure ? state.failure->retry_after : std::chrono::seconds();
}

// The same, from the record.
parse::State state_of(const store::Step &step) {
    parse::State state;
    state.status = parse::status_of(step.status).value_or(parse::Status::unknown);
    state.errors = step.errors;
    state.warnings = step.warnings;
    state.selflink = step.selflink;
    if (step.code.empty()) return state;
    boost::system::error_code failed;
    json::value details = step.details.empty() ? json::value() : json_value(step.details, failed);
    state.failure = parse::FailureForPrograms{step.code, failed ? json::value() : std::move(details), step.retry_after};
    return state;
}

// Whether it failed, was aborted, or nobody knows.
bool is_bad(const store::Step &step) {
    const auto status = parse::status_of(step.status);
    return !status || !parse::went_well(*status);
}

void count(store::Operation &record) {
    record.resources = record.steps.size();
    record.failed = static_cast<std::size_t>(std::count_if(record.steps.begin(), record.steps.end(), is_bad));
}

} // namespace

store::ObjectName object_of(const parse::Resource &resource, const std::string &ns) {
    store::ObjectName object;
    const json::value *value = resource.properties.if_contains("metadata");
    const json::object none, &metadata = value && value->is_object() ? value->get_object() : none;
    const std::string_view api_version = run::text_in(resource.properties, "apiVersion");
    if (const auto slash = api_version.find('/'); slash != api_version.npos) object.group = api_version.substr(0, slash);
    object.kind = run::text_in(resource.properties, "kind");
    if (object.kind.empty() && !has_text(resource.properties, "kind")) object.kind = resource.type;
    object.name = run::text_in(metadata, "name");
    if (object.name.empty() && !has_text(metadata, "name") && !has_text(metadata, "generateName")) object.name = resource.name;
    object.ns = run::text_in(metadata, "namespace");
    if (object.ns.empty() && !has_text(metadata, "namespace")) object.ns = ns;
    return object;
}

std::vector<store::Step> steps_of(const run::Operation &operation) {
    std::vector<store::Step> steps;
    steps.reserve(operation.configuration.resources.size());
    for (const parse::Resource &resource : operation.configuration.resources) {
        store::Step &step = steps.emplace_back();
        step.name = resource.name;
        step.type = resource.type;
        step.object = object_of(resource, operation.ns);
        step.status = "Pending";
    }
    return steps;
}

std::string payload_of(const parse::Configuration &configuration) {
    std::string text = "[";
    for (const parse::Resource &resource : configuration.resources) {
        text += text.size() == 1 ? "[" : ",[";
        text += json_text(json::array{resource.name, resource.type}).substr(1);
        text.back() = ',';
        text += json_text(resource.properties) + ']';
    }
    return text += ']';
}

Result<parse::Configuration> read_payload(const std::string &payload) {
    const auto unreadable = [] { return internal("what the store holds of the operation can't be read"); };
    boost::system::error_code failed;
    json::value value = json_value(payload, failed);
    if (failed || !value.is_array()) return unreadable();
    parse::Configuration configuration;
    for (json::value &each : value.get_array()) {
        if (!each.is_array() || each.get_array().size() != 3) return unreadable();
        json::array &parts = each.get_array();
        if (!parts[0].is_string() || !parts[1].is_string() || !parts[2].is_object()) return unreadable();
        parse::Resource &resource = configuration.resources.emplace_back();
        resource.name = parts[0].get_string();
        resource.type = parts[1].get_string();
        resource.properties = std::move(parts[2].get_object());
    }
    return configuration;
}

Result<run::Operation> resumed(const store::Operation &record, run::Resumption::How how) {
    auto configuration = read_payload(record.payload);
    if (!configuration) return configuration.error();
    const auto verb = drivers::write_of(record.verb);
    if (!verb || configuration->resources.size() != record.steps.size())
        return internal("what the store holds of the operation is not whole");
    run::Resumption resumption{how, record.started.value_or(record.created), {}};
    for (const store::Step &step : record.steps) {
        auto &outcome = resumption.outcomes.emplace_back();
        if (step.ended) outcome = state_of(step);
    }
    run::Operation operation;
    operation.verb = *verb;
    operation.configuration = std::move(*configuration);
    operation.ns = record.ns;
    operation.request_id = record.request_id;
    operation.caller = record.caller;
    operation.id = record.id;
    operation.resumption = std::make_shared<const run::Resumption>(std::move(resumption));
    return operation;
}

void note_answer(store::Step &step, drivers::Verb verb, const drivers::Answer &answer) {
    note_state(step, run::state_of(verb, answer));
    step.ended = store::now();
}

void note_report(store::Operation &record, const run::Report &report, bool was_cancelled) {
    if (!report) return note_refusal(record, report.error());
    const store::Time time = store::now();
    const auto &resources = report->resources;
    for (std::size_t i = 0; i < record.steps.size() && i < resources.size(); ++i) {
        store::Step &step = record.steps[i];
        if (resources[i].state) note_state(step, *resources[i].state);
        if (!step.ended) step.ended = time;
    }
    count(record);
    const bool is_cut_short = was_cancelled && std::any_of(record.steps.begin(), record.steps.end(), [](const store::Step &step) {
                                  return step.status == "Aborted" || step.code == "cancelled";
                              });
    record.state = is_cut_short ? store::State::cancelled : record.failed == 0 ? store::State::succeeded : store::State::failed;
    record.ended = time;
}

void note_refusal(store::Operation &record, const drivers::Failure &failure) {
    const store::Time time = store::now();
    record.failure = in_one_line(failure);
    record.code = word_of(failure.code);
    for (store::Step &step : record.steps) {
        if (step.ended) continue;
        step.status = "Aborted";
        step.ended = time;
    }
    count(record);
    record.state = failure.code == Code::cancelled ? store::State::cancelled : store::State::failed;
    record.ended = time;
}

void note_loss(store::Operation &record, const std::string &why) {
    for (store::Step &step : record.steps) {
        if (step.ended) continue;
        step.status = to_string(parse::Status::unknown);
        step.errors = {"The daemon ended while this was under way, and what became of it was not found out: " + why + "."};
        step.ended = store::now();
    }
    note_refusal(record, internal("The daemon ended while the operation was under way: " + why + "."));
}

run::Report report_of(const store::Operation &record, parse::Configuration configuration) {
    if (!record.failure.empty()) return drivers::Failure(error_of(code_of(record.code).value_or(Code::internal), record.failure));
    for (std::size_t i = 0; i < configuration.resources.size() && i < record.steps.size(); ++i)
        configuration.resources[i].state = state_of(record.steps[i]);
    return configuration;
}

} // namespace rsf::operations
