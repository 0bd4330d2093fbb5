// SPDX-License-Identifier: Apache-2.0
#include "render/plan_document.hpp"

#include <boost/json/array.hpp>

#include <utility>

namespace rsf::render {

namespace {

boost::json::array to_array(const std::vector<std::string> &texts) { return boost::json::array(texts.begin(), texts.end()); }

boost::json::object to_object(const FieldChange &change) {
    boost::json::object object{{"path", change.path}};
    if (change.before) object["before"] = *change.before;
    if (change.after) object["after"] = *change.after;
    if (!change.note.empty()) object["note"] = change.note;
    return object;
}

boost::json::object to_object(const PlannedResource &resource) {
    boost::json::object object{{"name", resource.name},
                               {"type", resource.type},
                               {"object", resource.object},
                               {"action", to_string(resource.action)},
                               {"basis", to_string(resource.basis)}};
    if (!resource.reason.empty()) object["reason"] = resource.reason;
    boost::json::array changes, risks;
    for (const FieldChange &change : resource.changes) changes.emplace_back(to_object(change));
    for (const Risk &risk : resource.risks)
        risks.emplace_back(boost::json::object{{"path", risk.path}, {"message", risk.message}});
    object["changes"] = std::move(changes);
    object["diff"] = resource.diff;
    object["depends_on"] = to_array(resource.depends_on);
    if (!resource.left_behind.empty()) object["left_behind"] = to_array(resource.left_behind);
    object["risks"] = std::move(risks);
    object["errors"] = to_array(resource.errors);
    if (!resource.warnings.empty()) object["warnings"] = to_array(resource.warnings);
    if (!resource.takes_along.empty())
        object["takes_along"] = boost::json::array(resource.takes_along.begin(), resource.takes_along.end());
    return object;
}

} // namespace

std::string_view to_string(Action action) {
    switch (action) {
    case Action::create: return "create";
    case Action::update: return "update";
    case Action::remove: return "delete";
    case Action::unchanged: return "unchanged";
    case Action::failed: break;
    }
    return "failed";
}

std::string_view to_string(Basis basis) {
    switch (basis) {
    case Basis::server: return "server";
    case Basis::client: return "client";
    case Basis::deferred: break;
    }
    return "deferred";
}

PlanSummary summary_of(const PlanDocument &plan) {
    PlanSummary summary;
    for (const PlannedResource &resource : plan.resources) {
        switch (resource.action) {
        case Action::create: ++summary.create; break;
        case Action::update: ++summary.update; break;
        case Action::remove: ++summary.remove; break;
        case Action::unchanged: ++summary.unchanged; break;
        case Action::failed: ++summary.failed; break;
        }
        if (resource.basis == Basis::deferred) ++summary.deferred;
    }
    return summary;
}

boost::json::value to_value(const PlanDocument &plan) {
    const PlanSummary summary = summary_of(plan);
    boost::json::array resources;
    resources.reserve(plan.resources.size());
    for (const PlannedResource &resource : plan.resources) resources.emplace_back(to_object(resource));
    return boost::json::object{{"target", plan.target},
                               {"verb", plan.verb},
                               {"driver", {{"name", plan.driver_name}, {"version", plan.driver_version}}},
                               {"time", plan.time},
                               {"summary",
                                {{"create", summary.create},
                                 {"update", summary.update},
                                 {"delete", summary.remove},
                                 {"unchanged", summary.unchanged},
                                 {"failed", summary.failed},
                                 {"deferred", summary.deferred}}},
                               {"resources", std::move(resources)}};
}

} // namespace rsf::render
