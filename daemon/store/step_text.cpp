// SPDX-License-Identifier: Apache-2.0
#include "store/step_text.hpp"

#include <resourcifier/json_text.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace rsf::store {

namespace json = boost::json;

namespace {

void put(json::object &into, std::string_view key, const std::string &value) {
    if (!value.empty()) into[key] = value;
}

void put(json::object &into, std::string_view key, const std::optional<Time> &time) {
    if (time) into[key] = time->time_since_epoch().count();
}

std::string text_at(const json::object &from, std::string_view key) {
    const json::value *found = from.if_contains(key);
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

void put(json::object &into, std::string_view key, const std::vector<std::string> &texts) {
    if (!texts.empty()) into[key] = json::array(texts.begin(), texts.end());
}

std::vector<std::string> texts_at(const json::object &from, std::string_view key) {
    std::vector<std::string> texts;
    if (const json::value *found = from.if_contains(key); found && found->is_array())
        for (const json::value &each : found->get_array())
            if (each.is_string()) texts.emplace_back(each.get_string());
    return texts;
}

std::optional<Time> time_at(const json::object &from, std::string_view key) {
    const json::value *found = from.if_contains(key);
    if (!found || !found->is_number()) return std::nullopt;
    boost::system::error_code failed;
    const auto count = found->to_number<std::int64_t>(failed);
    return failed ? std::nullopt : std::optional(Time(std::chrono::milliseconds(count)));
}

std::chrono::seconds seconds_at(const json::object &from, std::string_view key) {
    const json::value *found = from.if_contains(key);
    boost::system::error_code failed;
    const auto count = found && found->is_number() ? found->to_number<std::uint32_t>(failed) : 0;
    return std::chrono::seconds(failed ? 0 : count);
}

json::object object_of(const Step &step) {
    json::object object;
    put(object, "name", step.name);
    put(object, "type", step.type);
    put(object, "group", step.object.group);
    put(object, "kind", step.object.kind);
    put(object, "namespace", step.object.ns);
    put(object, "object", step.object.name);
    put(object, "status", step.status);
    put(object, "errors", step.errors);
    put(object, "warnings", step.warnings);
    put(object, "code", step.code);
    put(object, "details", step.details);
    if (step.retry_after.count() != 0) object["retry_after"] = step.retry_after.count();
    put(object, "selflink", step.selflink);
    put(object, "started", step.started);
    put(object, "ended", step.ended);
    if (step.is_close) object["close"] = true;
    return object;
}

Step step_of(const json::object &from) {
    return {text_at(from, "name"),
            text_at(from, "type"),
            {text_at(from, "group"), text_at(from, "kind"), text_at(from, "namespace"), text_at(from, "object")},
            text_at(from, "status"),
            texts_at(from, "errors"),
            texts_at(from, "warnings"),
            text_at(from, "code"),
            text_at(from, "details"),
            seconds_at(from, "retry_after"),
            text_at(from, "selflink"),
            time_at(from, "started"),
            time_at(from, "ended"),
            from.contains("close")};
}

Error unreadable() { return internal("the store holds steps that can't be read"); }

} // namespace

std::string text_of(const Step &step) { return json_text(object_of(step)); }

std::string text_of(const std::vector<Step> &steps) {
    json::array array;
    array.reserve(steps.size());
    for (const Step &step : steps) array.push_back(object_of(step));
    return json_text(array);
}

Result<Step> read_step(std::string_view text) {
    boost::system::error_code failed;
    const json::value value = json_value(text, failed);
    if (failed || !value.is_object()) return unreadable();
    return step_of(value.get_object());
}

Result<std::vector<Step>> read_steps(std::string_view text) {
    boost::system::error_code failed;
    const json::value value = json_value(text, failed);
    if (failed || !value.is_array()) return unreadable();
    std::vector<Step> steps;
    steps.reserve(value.get_array().size());
    for (const json::value &each : value.get_array()) {
        if (!each.is_object()) return unreadable();
        steps.push_back(step_of(each.get_object()));
    }
    return steps;
}

} // namespace rsf::store
