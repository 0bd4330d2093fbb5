// SPDX-License-Identifier: Apache-2.0
#include "api/answer/plan_report.hpp"

#include "api/answer/report.hpp"
#include "parse/document.hpp"
#include "render/diff_text.hpp"
#include "render/html/page.hpp"
#include "render/markdown.hpp"
#include "render/plan_document.hpp"
#include "render/unified_diff.hpp"
#include "run/operation.hpp"
#include "targets/target.hpp"

#include <resourcifier/answer_rules.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace rsf::api {

namespace {

namespace json = boost::json;

constexpr unsigned some_would_fail = 502; // the status of a write of which some resources failed

std::string text_of(const json::value *value) {
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

template <class Enum, std::size_t n> Enum named(std::string_view name, const std::array<Enum, n> &all, Enum otherwise) {
    const auto found = std::ranges::find_if(all, [&](Enum one) { return to_string(one) == name; });
    return found == all.end() ? otherwise : *found;
}

render::Action action_of(const json::object &step) {
    constexpr std::array all{render::Action::create, render::Action::update, render::Action::remove, render::Action::unchanged,
                             render::Action::failed};
    return named(text_of(step.if_contains("action")), all, render::Action::failed);
}

render::Basis basis_of(const json::object &step) {
    constexpr std::array all{render::Basis::server, render::Basis::client, render::Basis::deferred};
    return named(text_of(step.if_contains("basis")), all, render::Basis::client);
}

const json::array &list_in(const json::object &object, std::string_view key) {
    static const json::array none;
    const json::value *value = object.if_contains(key);
    return value && value->is_array() ? value->get_array() : none;
}

std::optional<json::value> optional_in(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value ? std::optional(*value) : std::nullopt;
}

// As posted, for a resource of which the driver could say nothing.
json::object posted_identity(const json::object &properties) {
    json::object identity;
    const auto take = [&identity](const json::object &from, std::string_view key) {
        if (const std::string text = text_of(from.if_contains(key)); !text.empty()) identity[key] = text;
    };
    take(properties, "apiVersion");
    take(properties, "kind");
    if (const json::value *metadata = properties.if_contains("metadata"); metadata && metadata->is_object()) {
        take(metadata->get_object(), "namespace");
        take(metadata->get_object(), "name");
    }
    return identity;
}

std::string diff_of(const render::PlannedResource &resource, const json::value *before, const json::value *after) {
    const auto is_there = [](const json::value *object) { return object && object->is_object(); };
    const auto yaml = [&](const json::value *object) { return is_there(object) ? parse::write_yaml(*object) : std::string(); };
    const auto name = [&](const json::value *object, const char *side) {
        return is_there(object) ? side + file_name_of(resource) : "/dev/null";
    };
    if (!is_there(before) && !is_there(after)) return {};
    return render::unified_diff(yaml(before), yaml(after), name(before, "a/"), name(after, "b/"));
}

void read_step(const json::object &step, render::PlannedResource &planned) {
    planned.action = action_of(step);
    planned.basis = basis_of(step);
    planned.reason = text_of(step.if_contains("reason"));
    if (const json::value *identity = step.if_contains("identity");
        identity && identity->is_object() && !identity->get_object().empty())
        planned.object = identity->get_object();
    for (const json::value &change : list_in(step, "changes"))
        if (const json::object *entry = change.if_object())
            planned.changes.push_back({text_of(entry->if_contains("path")), optional_in(*entry, "before"),
                                       optional_in(*entry, "after"), text_of(entry->if_contains("note"))});
    for (const json::value &risk : list_in(step, "risks"))
        if (const json::object *entry = risk.if_object())
            planned.risks.push_back({text_of(entry->if_contains("path")), text_of(entry->if_contains("message"))});
    for (const json::value &error : list_in(step, "errors")) planned.errors.push_back(text_of(&error));
    for (const json::value &warning : list_in(step, "warnings"))
        if (std::string sentence = text_of(&warning); !sentence.empty() && planned.warnings.size() < max_warnings)
            planned.warnings.push_back(std::move(sentence));
    for (const json::value &other : list_in(step, "takes_along"))
        if (const json::object *identity = other.if_object()) planned.takes_along.push_back(*identity);
    planned.diff = diff_of(planned, step.if_contains("before"), step.if_contains("after"));
}

// A resource that can't be deleted also keeps those that it refers to, directly or indirectly: they have no step.
void find_left_behind(render::PlanDocument &plan, const std::vector<run::PlannedStep> &steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (plan.resources[i].action != render::Action::failed || !steps[i].step) continue;
        std::vector<bool> seen(steps.size());
        for (std::vector<std::size_t> from{i}; !from.empty();) {
            const std::size_t at = from.back();
            from.pop_back();
            for (const std::size_t needed : steps[at].refers_to) {
                if (steps[needed].step || seen[needed]) continue;
                seen[needed] = true;
                plan.resources[i].left_behind.push_back(plan.resources[needed].name);
                from.push_back(needed);
            }
        }
    }
}

std::string timestamp(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

std::string body_of(const render::PlanDocument &plan, Form form) {
    switch (form) {
    case Form::yaml: return parse::write_yaml(to_value(plan));
    case Form::json: return parse::write_json(to_value(plan)) + '\n';
    case Form::diff: return diff_text(plan);
    case Form::markdown: return markdown(plan);
    case Form::html: return html(plan);
    }
    return {};
}

} // namespace

render::PlanDocument plan_document(run::PlanOutcome outcome, drivers::Verb verb, const targets::Target &target,
                                   std::chrono::system_clock::time_point time) {
    const drivers::Descriptor &driver = target.driver().descriptor();
    render::PlanDocument plan{target.name(), std::string(to_string(verb)), driver.name, driver.version, timestamp(time), {}};
    std::vector<parse::Resource> &resources = outcome.configuration.resources;
    for (std::size_t i = 0; i < resources.size(); ++i) {
        const run::PlannedStep &step = outcome.steps[i];
        render::PlannedResource &planned = plan.resources.emplace_back();
        planned.name = std::move(resources[i].name);
        planned.type = std::move(resources[i].type);
        planned.object = posted_identity(resources[i].properties);
        if (step.step) {
            read_step(*step.step, planned);
        } else {
            planned.action = render::Action::failed;
            planned.errors.push_back(step.reason);
        }
    }
    for (std::size_t i = 0; i < resources.size(); ++i)
        for (const std::size_t needed : outcome.steps[i].refers_to)
            plan.resources[i].depends_on.push_back(plan.resources[needed].name);
    if (verb == drivers::Verb::remove) find_left_behind(plan, outcome.steps);
    return plan;
}

Response answer_plan(const render::PlanDocument &plan, const Format &format, bool strict) {
    const render::PlanSummary summary = summary_of(plan);
    Response response;
    response.status = strict && summary.failed != 0 ? some_would_fail : 200;
    response.content_type = format.label;
    response.body = body_of(plan, format.form);
    response.headers = {{"Vary", "Accept"},
                        {"Resourcifier-Changes", std::to_string(summary.changes())},
                        {"Resourcifier-Failed", std::to_string(summary.failed)}};
    if (format.form == Form::html) response.headers.emplace_back("Content-Security-Policy", render::html_policy());
    if (strict) response.headers.emplace_back("Preference-Applied", "handling=strict");
    return response;
}

} // namespace rsf::api
