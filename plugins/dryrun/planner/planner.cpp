// SPDX-License-Identifier: Apache-2.0
#include "planner.hpp"

#include "changes/noise.hpp"
#include "dryrun/objects/values.hpp"
#include "step_document.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

std::string random_key() {
    std::string key(32, '\0');
    if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
        throw std::system_error(errno, std::generic_category(), "getrandom");
    return key;
}

SecretMarks marks_in(const json::object &described) {
    const json::value *secret = described.if_contains("secret");
    return secret ? SecretMarks(secret->as_array()) : SecretMarks();
}

// The placeholders of values that are not known yet.
std::set<std::string, std::less<>> placeholders(const PlanRequest &request) {
    std::set<std::string, std::less<>> texts;
    for (const Resource &resource : request.resources) texts.insert("(known after " + std::string(resource.name) + ")");
    return texts;
}

Error exists(const kubernetes::Identity &identity, const json::object &live) {
    const std::string deletion = notice_of_deletion(live);
    return {Code::already_exists,
            identity.kind + " " + in_quotes(identity.name) +
                " exists already, so creating it would fail; to see what replacing it would change, plan a PUT." +
                (deletion.empty() ? "" : " " + deletion)};
}

Error is_absent(const kubernetes::Identity &identity) {
    return {Code::not_found, identity.kind + " " + in_quotes(identity.name) +
                                 " does not exist, so replacing it would fail; to see what creating it would make, plan a POST."};
}

bool touches_spec(const json::object &planned) {
    const json::array &differences = planned.at("changes").as_array();
    return std::any_of(differences.begin(), differences.end(), [](const json::value &change) {
        return std::string_view(change.at("path").as_string()).substr(0, 4) == "spec";
    });
}

// object without the members at these JSON pointers; null: none.
json::value without(json::object object, const std::vector<std::string> *pointers) {
    json::value whole(std::move(object));
    if (!pointers) return whole;
    for (const std::string &pointer : *pointers) {
        const auto slash = pointer.rfind('/');
        boost::system::error_code missing;
        json::value *parent = slash == std::string::npos ? nullptr : whole.find_pointer(pointer.substr(0, slash), missing);
        if (!parent || !parent->is_object()) continue;
        std::string key;
        for (std::size_t i = slash + 1; i < pointer.size(); ++i) {
            const bool escaped = pointer[i] == '~' && i + 1 < pointer.size();
            key += escaped ? (pointer[++i] == '1' ? '/' : '~') : pointer[i];
        }
        parent->get_object().erase(key);
    }
    return whole;
}

} // namespace

Planner::Planner(const OtherTarget &over, const PlanRequest &request) : Planner(over, request, over.describe()) {}

Planner::Planner(const OtherTarget &over, const PlanRequest &request, const json::object &described)
    : target_(over, described), secrets_(random_key(), marks_in(described), placeholders(request)),
      live_secrets_(target_, request, secrets_), predictor_(target_, secrets_, described),
      deletion_(target_, predictor_, secrets_, earlier_steps_) {
    for (std::size_t i = 0; i < request.resources.size(); ++i) {
        const json::object object = parsed_object(request.resources[i].object_text);
        live_secrets_.learn_posted(i, object);
        surroundings_.add(object, request.ns);
        earlier_steps_.add(request.resources[i].name, object);
    }
}

json::object Planner::step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) {
    Subject subject;
    Outlook outlook;
    std::string error;
    try {
        subject = target_.identify(call);
        live_secrets_.learn(call);
        subject.unknown = unknown.empty() ? nullptr : &unknown;
        outlook = subject.absent.empty() ? outlook_of(subject, call) : nothing_to_delete(subject.absent);
        if (outlook.after) secrets_.learn(*outlook.after, subject.identity.kind);
    } catch (const Error &failed) {
        if (failed.code == Code::cancelled) throw;
        error = secrets_.masked_text(failed.what());
        outlook.action = "failed";
        outlook.basis = predictor_.can_ask() ? basis::server : basis::client;
    }
    json::object step = step_document(subject, std::move(outlook), target_, secrets_);
    const bool creates = step.at("action") == "create", updates = step.at("action") == "update";
    if (const std::string warning = surroundings_.warning(resource); !warning.empty() && (creates || updates))
        step["risks"].as_array().emplace_back(json::object{{"path", ""}, {"message", warning}});
    earlier_steps_.note(resource, creates, updates && touches_spec(step));
    if (!error.empty()) step["errors"].as_array().emplace_back(error);
    return step;
}

Outlook Planner::outlook_of(const Subject &subject, const Call &call) {
    secrets_.learn(subject.object, subject.identity.kind);
    if (call.verb() == RSF_CREATE || call.verb() == RSF_APPLY) {
        if (std::optional<std::string> reason = earlier_steps_.made_first(subject.identity)) {
            Outlook outlook;
            outlook.action = "create";
            outlook.basis = basis::deferred;
            outlook.reason = *std::move(reason);
            outlook.after = subject.object;
            outlook.object = without(subject.object, subject.unknown);
            return outlook;
        }
    }
    if (call.verb() == RSF_DELETE) return deletion_.outlook_of(subject, call);
    if (std::optional<std::string> reason = earlier_steps_.changed_first(subject.identity))
        return outlook_before_kind_changes(subject, call, *std::move(reason));
    // The dry run of a create fails when the object exists, so that the live object need not be read first.
    const bool target_tells = call.verb() == RSF_CREATE && predictor_.can_ask() && !subject.unknown;
    std::optional<json::object> live = target_tells ? std::nullopt : target_.read(subject, call);
    if (live) secrets_.learn(*live, subject.identity.kind);
    const bool replaces = call.verb() == RSF_REPLACE || (call.verb() == RSF_APPLY && live);
    return replaces ? outlook_of_replace(subject, call, std::move(live)) : outlook_of_create(subject, call, std::move(live));
}

// A dry run would be judged by the kind's present definition, so that the outlook is merged here.
Outlook Planner::outlook_before_kind_changes(const Subject &subject, const Call &call, std::string reason) {
    std::optional<json::object> live = target_.read(subject, call);
    if (live) secrets_.learn(*live, subject.identity.kind);
    if (call.verb() == RSF_CREATE && live) throw exists(subject.identity, *live);
    if (call.verb() == RSF_REPLACE && !live) throw is_absent(subject.identity);
    Outlook outlook;
    outlook.action = live ? "update" : "create";
    outlook.basis = basis::deferred;
    outlook.reason = std::move(reason);
    outlook.after = predictor_.merge(subject, call, live);
    outlook.before = std::move(live);
    outlook.object = without(*outlook.after, subject.unknown);
    return outlook;
}

Outlook Planner::outlook_of_create(const Subject &subject, const Call &call, std::optional<json::object> live) const {
    if (live) throw exists(subject.identity, *live);
    Outlook outlook;
    try {
        outlook = predictor_.predict(subject, call, std::nullopt);
    } catch (const Error &error) {
        if (error.code != Code::already_exists) throw;
        throw exists(subject.identity, target_.read_or_empty(subject, call));
    }
    if (outlook.basis == basis::client && predictor_.can_ask())
        if (const std::optional<json::object> found = target_.read(subject, call)) throw exists(subject.identity, *found);
    outlook.action = "create";
    if (conventions_of(outlook, target_) == Conventions::kubernetes)
        outlook.after = without_assigned(*std::move(outlook.after), subject.object);
    outlook.object = without(*outlook.after, subject.unknown);
    return outlook;
}

Outlook Planner::outlook_of_replace(const Subject &subject, const Call &call, std::optional<json::object> live) const {
    if (!live) throw is_absent(subject.identity);
    Outlook outlook = predictor_.predict(subject, call, live);
    outlook.action = "update"; // step_document() makes it unchanged where there is no difference
    if (conventions_of(outlook, target_) == Conventions::kubernetes)
        outlook.after = with_put_back(*std::move(outlook.after), *live, subject.object);
    outlook.before = std::move(live);
    outlook.object = without(*outlook.after, subject.unknown);
    return outlook;
}

} // namespace rsf::dryrun::planner
