// SPDX-License-Identifier: Apache-2.0
#include "step_document.hpp"

#include "changes/changes.hpp"
#include "changes/noise.hpp"
#include "deletion.hpp"
#include "dryrun/objects/values.hpp"
#include "object.hpp"
#include "risks/risks.hpp"

#include <utility>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

// Only a cluster's own answer tells a status that it takes from one that it ignores.
Status status_in(const Subject &subject, const Outlook &outlook) {
    if (!outlook.after || outlook.basis != basis::server) return Status::left_out;
    const bool counts = outlook.before ? changes_status(*outlook.before, *outlook.after, subject.object)
                                       : sets_status(*outlook.after, subject.object);
    return counts ? Status::shown : Status::left_out;
}

// For an object that names no namespace: the one that the target chose.
std::string namespace_of(const Subject &subject, const Outlook &outlook) {
    if (!subject.identity.ns.empty()) return subject.identity.ns;
    for (const std::optional<json::object> *object : {&outlook.before, &outlook.after})
        if (*object) return std::string(find_text(**object, "metadata.namespace"));
    return {};
}

json::object identity_of(const Subject &subject, const Outlook &outlook) {
    json::object identity;
    const auto add = [&](const char *key, const std::string &value) {
        if (!value.empty()) identity[key] = value;
    };
    add("apiVersion", subject.identity.api_version);
    add("kind", subject.identity.kind);
    add("namespace", namespace_of(subject, outlook));
    add("name", subject.identity.name);
    return identity;
}

// Sets before, after and changes of the step, and the action to unchanged where nothing changes.
void compare(json::object &step, const Subject &subject, Outlook &outlook, Conventions conventions, const SecretTags &secrets) {
    const Status status = status_in(subject, outlook);
    const auto shown = [&](const std::optional<json::object> &object) -> json::value {
        if (!object) return nullptr;
        json::object clean = conventions == Conventions::kubernetes ? without_noise(*object, status) : in_order(*object);
        return secrets.masked(std::move(clean), subject.identity.kind);
    };
    const json::value before = shown(outlook.before);
    json::value after = shown(outlook.after);
    json::array differences;
    if (before.is_object() && after.is_object()) {
        after = spelled_as(before, std::move(after), conventions);
        differences = changes(before, after, conventions);
        if (differences.empty() && outlook.basis != basis::deferred) {
            step["action"] = outlook.action = "unchanged";
            outlook.object = *outlook.before;
        }
    }
    const bool changes_something = outlook.action != "unchanged" && outlook.action != "failed";
    step["before"] = changes_something ? before : json::value(nullptr);
    step["after"] = changes_something ? std::move(after) : json::value(nullptr);
    step["changes"] = std::move(differences);
}

void add_risks(json::object &step, Outlook &outlook, Conventions conventions, const SecretTags &secrets) {
    const bool changes_something = outlook.action != "unchanged" && outlook.action != "failed";
    json::array found = changes_something ? risks(outlook.action, outlook.before ? &*outlook.before : nullptr,
                                                  outlook.after ? &*outlook.after : nullptr)
                                          : json::array();
    if (outlook.before && conventions == Conventions::kubernetes) {
        add_rollout_risk(found, qualified_kind(*outlook.before), step["changes"].as_array());
        if (std::string notice = notice_of_deletion(*outlook.before); !notice.empty())
            outlook.notices.push_back(std::move(notice));
    }
    if (outlook.action != "failed")
        for (const std::string &notice : outlook.notices) found.emplace_back(json::object{{"path", ""}, {"message", notice}});
    for (json::value &risk : found)
        for (auto &member : risk.as_object()) member.value() = secrets.masked_text(std::string(member.value().as_string()));
    step["risks"] = std::move(found);
}

} // namespace

json::object step_document(const Subject &subject, Outlook outlook, const LiveTarget &target, const SecretTags &secrets) {
    json::object step{{"action", outlook.action}, {"basis", outlook.basis}};
    if (subject.identity.type_disagrees)
        outlook.reason += (outlook.reason.empty() ? "" : " ") + std::string("Its type says otherwise, but its kind decides: ") +
                          subject.identity.kind + ".";
    if (!outlook.reason.empty()) step["reason"] = outlook.reason;
    step["identity"] = identity_of(subject, outlook);
    const Conventions conventions = conventions_of(outlook, target);
    compare(step, subject, outlook, conventions, secrets);
    add_risks(step, outlook, conventions, secrets);
    if (!outlook.takes_along.empty()) step["takes_along"] = std::move(outlook.takes_along);
    for (const std::string &warning : outlook.warnings) {
        json::value &warnings = step["warnings"];
        if (!warnings.is_array()) warnings.emplace_array();
        warnings.get_array().emplace_back(secrets.masked_text(warning));
    }
    step["errors"] = json::array();
    step["object"] = std::move(outlook.object);
    return step;
}

} // namespace rsf::dryrun::planner
