// SPDX-License-Identifier: Apache-2.0
#include "review.hpp"

#include "apply.hpp"
#include "object.hpp"
#include "review_changes.hpp"
#include "review_contents.hpp"
#include "review_merge.hpp"
#include "review_noise.hpp"
#include "review_object.hpp"
#include "review_risks.hpp"
#include "values.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace rsf::dryrun {
namespace {

constexpr std::string_view server = "server", client = "client", deferred = "deferred";

std::string random_key() {
    std::string key(32, '\0');
    if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
        throw std::system_error(errno, std::generic_category(), "getrandom");
    return key;
}

bool has_dry_run(const json::object &described) {
    for (const json::value &extension : described.at("extensions").as_array())
        if (extension == RSF_EXT_DRY_RUN) return true;
    return false;
}

// Whether the driver says that there is no dry run of this one write, as extensions.h has it.
bool is_without_dry_run(const Error &error) {
    const json::object *details = error.details.if_object();
    const json::value *said = details ? details->if_contains("dry_run") : nullptr;
    return error.code == Code::unsupported && said && *said == false;
}

// Of an object that waits to be gone; empty: it does not.
std::string notice_of_deletion(const json::object &live) {
    const std::string_view since = find_text(live, "metadata.deletionTimestamp");
    if (since.empty()) return {};
    std::string holders;
    if (const json::array *finalizers = find_array(live, "metadata.finalizers"))
        for (const json::value &each : *finalizers)
            if (each.is_string()) holders += (holders.empty() ? "" : ", ") + std::string(each.get_string());
    return "It is being deleted, since " + std::string(since) + ", and goes whatever is done to it" +
           (holders.empty() ? "." : "; it is held by its finalizers: " + holders + ".");
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

SecretMarks marks_in(const json::object &described) {
    const json::value *secret = described.if_contains("secret");
    return secret ? SecretMarks(secret->as_array()) : SecretMarks();
}

// What may stand in a value's place.
std::set<std::string, std::less<>> placeholders(const PlanRequest &request) {
    std::set<std::string, std::less<>> texts;
    for (const Resource &resource : request.resources) texts.insert("(known after " + std::string(resource.name) + ")");
    return texts;
}

std::string kind_key(std::string_view group, std::string_view kind) {
    return "kind " + std::string(group) + "/" + std::string(kind);
}

// live with what posted says put over it: what is foreseen where nobody can be asked.
json::object laid_over(json::object live, const json::object &posted) {
    for (const auto &[key, value] : posted) {
        json::value &at = live[key];
        if (at.is_object() && value.is_object())
            at = laid_over(std::move(at.get_object()), value.get_object());
        else
            at = value;
    }
    return live;
}

// Without what stands at these pointers, where it stands in a mapping.
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

Review::Review(const OtherTarget &over, const PlanRequest &request) : Review(over, request, over.describe()) {}

Review::Review(const OtherTarget &over, const PlanRequest &request, const json::object &described)
    : target_(over, described), server_(has_dry_run(described)),
      secrets_(random_key(), marks_in(described), placeholders(request)), live_secrets_(target_, request, secrets_),
      creates_(request.resources.size()), changes_(request.resources.size()) {
    for (std::size_t i = 0; i < request.resources.size(); ++i) {
        names_.emplace_back(request.resources[i].name);
        const json::object object = parsed(request.resources[i].object_text);
        live_secrets_.learn_posted(i, object);
        surroundings_.add(object, request.ns);
        const std::string_view kind = find_text(object, "kind");
        if (kind == "Namespace") makers_.emplace("namespace " + std::string(find_text(object, "metadata.name")), i);
        if (kind == "CustomResourceDefinition")
            makers_.emplace(kind_key(find_text(object, "spec.group"), find_text(object, "spec.names.kind")), i);
    }
}

json::object Review::step(std::size_t resource, const Call &call, const std::vector<std::string> &unknown) {
    Subject subject;
    Outlook outlook;
    std::string error;
    try {
        subject = target_.tell_apart(call);
        live_secrets_.learn(call);
        subject.unknown = unknown.empty() ? nullptr : &unknown;
        outlook = subject.absent.empty() ? look(subject, call) : nothing_to_delete(subject.absent);
        if (outlook.after) secrets_.learn(*outlook.after, subject.identity.kind);
    } catch (const Error &failed) {
        if (failed.code == Code::cancelled) throw;
        error = secrets_.masked_text(failed.what());
        outlook.action = "failed";
        outlook.basis = server_ ? server : client;
    }
    json::object step = document(subject, std::move(outlook));
    const bool creates = step.at("action") == "create", updates = step.at("action") == "update";
    if (const std::string warning = surroundings_.warning(resource); !warning.empty() && (creates || updates))
        step["risks"].as_array().emplace_back(json::object{{"path", ""}, {"message", warning}});
    {
        const std::lock_guard lock(mutex_);
        creates_[resource] = creates;
        changes_[resource] = updates && touches_spec(step);
    }
    if (!error.empty()) step["errors"].as_array().emplace_back(error);
    return step;
}

// What a resource of this configuration brings or changes, in a sentence, if its step says that it is done.
std::optional<std::string> Review::maker(const std::string &what, const std::vector<bool> &done,
                                         const std::string &sentence) const {
    const auto found = makers_.find(what);
    if (found == makers_.end()) return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (!done[found->second]) return std::nullopt;
    return sentence + ", by " + in_quotes(names_[found->second]) + " of this configuration.";
}

// What brings the namespace or the kind of the object, if that is only made by this configuration.
std::optional<std::string> Review::made_first(const Subject &subject) const {
    const std::string &kind = subject.identity.kind;
    if (!subject.identity.ns.empty())
        if (auto reason = maker("namespace " + subject.identity.ns, creates_, "Its namespace is made first")) return reason;
    return maker(kind_key(group_of(subject.identity.api_version), kind), creates_, "Its kind " + kind + " is made first");
}

// The cluster judges an object by the definition that it has now, and drops fields that this does not know.
std::optional<std::string> Review::changed_first(const Subject &subject) const {
    const std::string &kind = subject.identity.kind;
    return maker(kind_key(group_of(subject.identity.api_version), kind), changes_, "Its kind " + kind + " is changed first");
}

json::object Review::merged_without_asking(const Subject &subject, const Call &call,
                                           const std::optional<json::object> &live) const {
    if (!live) return subject.object;
    const json::object wanted = call.verb() == RSF_APPLY ? applied(*live, subject.object) : subject.object;
    if (subject.unknown) return laid_over(*live, wanted);
    return target_.is_kubernetes() || is_kept_by_api_server(*live) ? merged(*live, wanted) : wanted;
}

// For what is only said beside something that matters more.
json::object Review::found_or_nothing(const Subject &subject, const Call &call) const {
    try {
        return target_.read(subject, call).value_or(json::object());
    } catch (const Error &error) {
        if (error.code == Code::cancelled) throw;
        return {};
    }
}

// What the target would store, as far as anybody can tell. live: what a replace or an apply would change.
Review::Outlook Review::foreseen(const Subject &subject, const Call &call, const std::optional<json::object> &live) const {
    Outlook outlook;
    std::string why_none;
    try {
        if (std::optional<Result> answered = dry_run(subject, call, why_none)) {
            outlook.after = parsed(answered->text);
            outlook.basis = server;
            outlook.reason = subject.unknown ? "Values that are only known later are shown as such." : "";
        } else {
            outlook.after = merged_without_asking(subject, call, live);
            outlook.basis = client;
            outlook.reason = why_none + " The object was merged without asking the cluster.";
        }
    } catch (const Error &error) {
        if (!subject.unknown || error.code != Code::invalid) throw;
        outlook.after = merged_without_asking(subject, call, live);
        outlook.basis = deferred;
        outlook.reason = "It can't be checked yet, since it refers to values that are only known later.";
    }
    return outlook;
}

// call, as a dry run on the target. Nothing: there is none, and why_none says it. Throws what the target would refuse it for.
std::optional<Result> Review::dry_run(const Subject &subject, const Call &call, std::string &why_none) const {
    if (!server_) {
        why_none = "The target's driver has no dry run.";
        return std::nullopt;
    }
    OtherTarget::Asked asked = OtherTarget::Asked::of(call);
    const std::string text = json_text(subject.object);
    asked.object = text;
    asked.dry_run = true;
    try {
        return target_.over().perform(call, asked);
    } catch (const Error &error) {
        if (!is_without_dry_run(error)) throw;
        why_none = secrets_.masked_text(error.what());
        if (!why_none.empty() && why_none.back() != '.') why_none += '.';
        return std::nullopt;
    }
}

Review::Outlook Review::look(const Subject &subject, const Call &call) {
    secrets_.learn(subject.object, subject.identity.kind);
    if (call.verb() == RSF_CREATE || call.verb() == RSF_APPLY) {
        if (std::optional<std::string> reason = made_first(subject)) {
            Outlook outlook;
            outlook.action = "create";
            outlook.basis = deferred;
            outlook.reason = *std::move(reason);
            outlook.after = subject.object;
            outlook.object = without(subject.object, subject.unknown);
            return outlook;
        }
    }
    if (call.verb() == RSF_DELETE) return remove(subject, call);
    if (std::optional<std::string> reason = changed_first(subject)) return look_later(subject, call, *std::move(reason));
    // A dry run of a create is refused by itself when the object is there, unless something else about it is wrong first.
    const bool target_tells = call.verb() == RSF_CREATE && server_ && !subject.unknown;
    std::optional<json::object> live = target_tells ? std::nullopt : target_.read(subject, call);
    if (live) secrets_.learn(*live, subject.identity.kind);
    const bool replaces = call.verb() == RSF_REPLACE || (call.verb() == RSF_APPLY && live);
    return replaces ? replace(subject, call, std::move(live)) : create(subject, call, std::move(live));
}

// What the cluster can only be asked about once the reason is past.
Review::Outlook Review::look_later(const Subject &subject, const Call &call, std::string reason) {
    std::optional<json::object> live = target_.read(subject, call);
    if (live) secrets_.learn(*live, subject.identity.kind);
    if (call.verb() == RSF_CREATE && live) throw exists(subject.identity, *live);
    if (call.verb() == RSF_REPLACE && !live) throw is_absent(subject.identity);
    Outlook outlook;
    outlook.action = live ? "update" : "create";
    outlook.basis = deferred;
    outlook.reason = std::move(reason);
    outlook.after = merged_without_asking(subject, call, live);
    outlook.before = std::move(live);
    outlook.object = without(*outlook.after, subject.unknown);
    return outlook;
}

Review::Outlook Review::create(const Subject &subject, const Call &call, std::optional<json::object> live) const {
    if (live) throw exists(subject.identity, *live);
    Outlook outlook;
    try {
        outlook = foreseen(subject, call, std::nullopt);
    } catch (const Error &error) {
        if (error.code != Code::already_exists) throw;
        throw exists(subject.identity, found_or_nothing(subject, call));
    }
    if (outlook.basis == client && server_)
        if (const std::optional<json::object> found = target_.read(subject, call)) throw exists(subject.identity, *found);
    outlook.action = "create";
    if (conventions_of(outlook) == Conventions::kubernetes)
        outlook.after = without_assigned(*std::move(outlook.after), subject.object);
    outlook.object = without(*outlook.after, subject.unknown);
    return outlook;
}

Review::Outlook Review::replace(const Subject &subject, const Call &call, std::optional<json::object> live) const {
    if (!live) throw is_absent(subject.identity);
    Outlook outlook = foreseen(subject, call, live);
    outlook.action = "update"; // until the difference is known
    if (conventions_of(outlook) == Conventions::kubernetes)
        outlook.after = with_put_back(*std::move(outlook.after), *live, subject.object);
    outlook.before = std::move(live);
    outlook.object = without(*outlook.after, subject.unknown);
    return outlook;
}

Review::Outlook Review::remove(const Subject &subject, const Call &call) {
    Outlook outlook;
    std::string why_none;
    const std::optional<Result> asked = dry_run(subject, call, why_none);
    outlook.basis = asked ? server : client;
    if (!asked) outlook.reason = why_none + " Whether the deletion is allowed was not asked.";
    // The target itself says whether there is anything to delete: it may find the object in another version.
    const bool is_absent = asked && asked->outcome == Outcome::unchanged;
    if (!is_absent) outlook.before = target_.read_deleted(subject, call);
    outlook.action = outlook.before ? "delete" : "unchanged";
    if (!outlook.before) return outlook;
    secrets_.learn(*outlook.before, subject.identity.kind);
    find_taken_along(outlook, call);
    const std::lock_guard lock(mutex_);
    goes_.insert(key_of(*outlook.before));
    return outlook;
}

// What nobody asked to delete, and the cluster deletes with a namespace or a kind. Dependants come first in a delete: whatever
// this configuration deletes by itself is known by now.
void Review::find_taken_along(Outlook &outlook, const Call &call) const {
    std::string unseen, why;
    for (const Contents &contents : contents_of(*outlook.before)) {
        try {
            const json::object list = target_.list(contents.type, contents.ns, call);
            const std::lock_guard lock(mutex_);
            for (const json::value &entry : list.at("items").as_array())
                if (const json::object *item = entry.if_object(); item && !comes_by_itself(*item) && !goes_.count(key_of(*item)))
                    outlook.takes_along.emplace_back(identity_in(*item));
        } catch (const Error &error) {
            if (error.code == Code::cancelled) throw;
            if (error.code == Code::not_found || error.code == Code::unsupported) continue; // the cluster has no such kind
            unseen += (unseen.empty() ? "" : ", ") + contents.type;
            if (why.empty()) why = secrets_.masked_text(error.what());
        }
    }
    if (!unseen.empty()) outlook.notices.push_back("Which " + unseen + " go with it can't be seen: " + why);
}

Conventions Review::conventions_of(const Outlook &outlook) const {
    const bool kept = target_.is_kubernetes() || (outlook.before && is_kept_by_api_server(*outlook.before)) ||
                      (outlook.after && is_kept_by_api_server(*outlook.after));
    return kept ? Conventions::kubernetes : Conventions::foreign;
}

// Only what a cluster itself says would become of it tells a status that is written from one that is ignored.
bool Review::shows_status(const Subject &subject, const Outlook &outlook) const {
    if (!outlook.after || outlook.basis != server) return false;
    return outlook.before ? changes_status(*outlook.before, *outlook.after, subject.object)
                          : sets_status(*outlook.after, subject.object);
}

// The target chooses one for an object that names none.
std::string Review::namespace_of(const Subject &subject, const Outlook &outlook) {
    if (!subject.identity.ns.empty()) return subject.identity.ns;
    for (const std::optional<json::object> *object : {&outlook.before, &outlook.after})
        if (*object) return std::string(find_text(**object, "metadata.namespace"));
    return {};
}

json::object Review::document(const Subject &subject, Outlook outlook) const {
    json::object step{{"action", outlook.action}, {"basis", outlook.basis}};
    if (subject.identity.type_disagrees)
        outlook.reason += (outlook.reason.empty() ? "" : " ") + std::string("Its type says otherwise, but its kind decides: ") +
                          subject.identity.kind + ".";
    if (!outlook.reason.empty()) step["reason"] = outlook.reason;
    json::object identity;
    const auto name = [&](const char *key, const std::string &value) {
        if (!value.empty()) identity[key] = value;
    };
    name("apiVersion", subject.identity.api_version);
    name("kind", subject.identity.kind);
    name("namespace", namespace_of(subject, outlook));
    name("name", subject.identity.name);
    step["identity"] = std::move(identity);

    const Conventions conventions = conventions_of(outlook);
    const Status status = shows_status(subject, outlook) ? Status::shown : Status::left_out;
    const auto shown = [&](const std::optional<json::object> &object) -> json::value {
        if (!object) return nullptr;
        json::object clean = conventions == Conventions::kubernetes ? without_noise(*object, status) : in_order(*object);
        return secrets_.masked(std::move(clean), subject.identity.kind);
    };
    const json::value before = shown(outlook.before);
    json::value after = shown(outlook.after);
    json::array differences;
    if (before.is_object() && after.is_object()) {
        after = settled(before, std::move(after), conventions);
        differences = changes(before, after, conventions);
        if (differences.empty() && outlook.basis != deferred) {
            step["action"] = outlook.action = "unchanged";
            outlook.object = *outlook.before;
        }
    }
    const bool changes_something = outlook.action != "unchanged" && outlook.action != "failed";
    step["before"] = changes_something ? before : json::value(nullptr);
    step["after"] = changes_something ? std::move(after) : json::value(nullptr);
    step["changes"] = std::move(differences);
    step["risks"] = changes_something ? risks(outlook.action, outlook.before ? &*outlook.before : nullptr,
                                              outlook.after ? &*outlook.after : nullptr)
                                      : json::array();
    if (outlook.before && conventions == Conventions::kubernetes) {
        add_rollout_risk(step["risks"].as_array(), qualified_kind(*outlook.before), step["changes"].as_array());
        if (std::string notice = notice_of_deletion(*outlook.before); !notice.empty())
            outlook.notices.push_back(std::move(notice));
    }
    if (outlook.action != "failed")
        for (const std::string &notice : outlook.notices)
            step["risks"].as_array().emplace_back(json::object{{"path", ""}, {"message", notice}});
    for (json::value &risk : step["risks"].as_array())
        for (auto &member : risk.as_object()) member.value() = secrets_.masked_text(std::string(member.value().as_string()));
    if (!outlook.takes_along.empty()) step["takes_along"] = std::move(outlook.takes_along);
    step["errors"] = json::array();
    step["object"] = std::move(outlook.object);
    return step;
}

} // namespace rsf::dryrun
