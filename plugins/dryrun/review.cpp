// SPDX-License-Identifier: Apache-2.0
#include "review.hpp"

#include "apply.hpp"
#include "object.hpp"
#include "review_changes.hpp"
#include "review_contents.hpp"
#include "review_merge.hpp"
#include "review_noise.hpp"
#include "review_risks.hpp"
#include "values.hpp"

#include <sys/random.h>

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

json::object parsed(std::string_view text) {
    json::parse_options options;
    options.max_depth = 512;
    json::value value = json::parse(text, {}, options);
    if (!value.is_object()) throw Error(Code::internal, "The target answered with something that is not an object.");
    return std::move(value.get_object());
}

std::string kind_key(std::string_view group, std::string_view kind) {
    return "kind " + std::string(group) + "/" + std::string(kind);
}

// "Deployment.v1.apps", "ConfigMap": what reads call it.
std::string type_of(const kubernetes::Identity &identity) {
    const std::string group = group_of(identity.api_version);
    return group.empty() ? identity.kind : identity.kind + "." + version_of(identity.api_version) + "." + group;
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
    : over_(over), server_(has_dry_run(described)), secrets_(random_key(), marks_in(described), placeholders(request)),
      creates_(request.resources.size()) {
    for (std::size_t i = 0; i < request.resources.size(); ++i) {
        names_.emplace_back(request.resources[i].name);
        const json::object object = parsed(request.resources[i].object_text);
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
        subject = tell_apart(call);
        subject.unknown = unknown.empty() ? nullptr : &unknown;
        outlook = look(subject, call);
        if (outlook.after) secrets_.learn(*outlook.after, subject.identity.kind);
    } catch (const Error &failed) {
        if (failed.code == Code::cancelled) throw;
        error = secrets_.masked_text(failed.what());
        outlook.action = "failed";
        outlook.basis = server_ ? server : client;
    }
    if (outlook.action == "create") {
        const std::lock_guard lock(mutex_);
        creates_[resource] = true;
    }
    json::object step = document(subject, std::move(outlook));
    if (!error.empty()) step["errors"].as_array().emplace_back(error);
    return step;
}

// Objects of clusters that are not Kubernetes are told apart by type and name alone.
Review::Subject Review::tell_apart(const Call &call) const {
    Subject subject;
    subject.object = call.object();
    const bool foreign =
        !subject.object.contains("kind") && !subject.object.contains("apiVersion") && !kubernetes::find_kind(call.type());
    if (foreign) {
        const std::string_view name = find_text(subject.object, "metadata.name");
        subject.identity = {{}, std::string(call.type()), std::string(name.empty() ? call.name() : name), std::string(call.ns())};
        subject.type = call.type();
    } else {
        subject.identity = kubernetes::identify(subject.object, call.type(), call.name(), call.ns());
        subject.type = type_of(subject.identity);
    }
    return subject;
}

// What brings the namespace or the kind of the object, if that is only made by this configuration.
std::optional<std::string> Review::made_first(const Subject &subject) const {
    const auto maker = [&](const std::string &what, const std::string &of) -> std::optional<std::string> {
        const auto found = makers_.find(what);
        if (found == makers_.end()) return std::nullopt;
        const std::lock_guard lock(mutex_);
        if (!creates_[found->second]) return std::nullopt;
        return of + " is made first, by " + in_quotes(names_[found->second]) + " of this configuration";
    };
    const std::string &kind = subject.identity.kind;
    if (auto reason = maker("namespace " + subject.identity.ns, "Its namespace"); reason && !subject.identity.ns.empty())
        return reason;
    return maker(kind_key(group_of(subject.identity.api_version), kind), "Its kind " + kind);
}

std::optional<json::object> Review::read(const Subject &subject, const Call &call) const {
    try {
        OtherTarget::Asked asked;
        asked.verb = RSF_GET;
        asked.type = subject.type;
        asked.name = subject.identity.name;
        asked.ns = subject.identity.ns;
        return parsed(over_.perform(call, asked).text);
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
        return std::nullopt;
    }
}

// What the target would store, as far as anybody can tell. live: what a replace or an apply would change.
Review::Outlook Review::foreseen(const Subject &subject, const Call &call, const std::optional<json::object> &live) const {
    const auto without_asking = [&] {
        if (!live) return subject.object;
        const json::object wanted = call.verb() == RSF_APPLY ? applied(*live, subject.object) : subject.object;
        return subject.unknown ? laid_over(*live, wanted) : merged(*live, wanted);
    };
    Outlook outlook;
    if (!server_) {
        outlook.after = without_asking();
        outlook.basis = client;
        outlook.reason = "The target's driver has no dry run; the object was merged without asking the cluster.";
        return outlook;
    }
    try {
        outlook.after = parsed(dry_run(subject, call).text);
        outlook.basis = server;
        outlook.reason = subject.unknown ? "Values that are only known later are shown as such." : "";
    } catch (const Error &error) {
        if (!subject.unknown || error.code != Code::invalid) throw;
        outlook.after = without_asking();
        outlook.basis = deferred;
        outlook.reason = "It can't be checked yet, since it refers to values that are only known later.";
    }
    return outlook;
}

// call, as a dry run on the target. Throws what the target would refuse it for.
Result Review::dry_run(const Subject &subject, const Call &call) const {
    OtherTarget::Asked asked = OtherTarget::Asked::of(call);
    const std::string text = json::serialize(subject.object);
    asked.object = text;
    asked.dry_run = true;
    return over_.perform(call, asked);
}

Review::Outlook Review::look(const Subject &subject, const Call &call) {
    secrets_.learn(subject.object, subject.identity.kind);
    if (call.verb() == RSF_CREATE || call.verb() == RSF_APPLY) {
        if (std::optional<std::string> reason = made_first(subject)) {
            Outlook outlook;
            outlook.action = "create";
            outlook.basis = deferred;
            outlook.reason = *reason + ".";
            outlook.after = subject.object;
            outlook.object = without(subject.object, subject.unknown);
            return outlook;
        }
    }
    // A dry run of a create is refused by itself when the object is there, unless something else about it is wrong first.
    const bool target_tells = call.verb() == RSF_CREATE && server_ && !subject.unknown;
    std::optional<json::object> live = target_tells ? std::nullopt : read(subject, call);
    if (live) secrets_.learn(*live, subject.identity.kind);
    switch (call.verb()) {
    case RSF_CREATE: return create(subject, call, std::move(live));
    case RSF_REPLACE: return replace(subject, call, std::move(live));
    case RSF_APPLY: return live ? replace(subject, call, std::move(live)) : create(subject, call, std::nullopt);
    default: return remove(subject, call, std::move(live));
    }
}

Review::Outlook Review::create(const Subject &subject, const Call &call, std::optional<json::object> live) const {
    const auto exists = [&] {
        return Error(Code::already_exists,
                     subject.identity.kind + " " + in_quotes(subject.identity.name) +
                         " exists already, so creating it would fail; to see what replacing it would change, plan a PUT.");
    };
    if (live) throw exists();
    Outlook outlook;
    try {
        outlook = foreseen(subject, call, std::nullopt);
    } catch (const Error &error) {
        if (error.code == Code::already_exists) throw exists();
        throw;
    }
    outlook.action = "create";
    outlook.after = without_assigned(*std::move(outlook.after), subject.object);
    outlook.object = without(*outlook.after, subject.unknown);
    return outlook;
}

Review::Outlook Review::replace(const Subject &subject, const Call &call, std::optional<json::object> live) const {
    if (!live)
        throw Error(Code::not_found,
                    subject.identity.kind + " " + in_quotes(subject.identity.name) +
                        " does not exist, so replacing it would fail; to see what creating it would make, plan a POST.");
    Outlook outlook = foreseen(subject, call, live);
    outlook.action = "update"; // until the difference is known
    outlook.after = with_put_back(*std::move(outlook.after), *live, subject.object);
    outlook.before = std::move(live);
    outlook.object = without(*outlook.after, subject.unknown);
    return outlook;
}

Review::Outlook Review::remove(const Subject &subject, const Call &call, std::optional<json::object> live) {
    Outlook outlook;
    outlook.action = live ? "delete" : "unchanged";
    outlook.basis = server_ ? server : client;
    if (!server_) outlook.reason = "The target's driver has no dry run; whether the deletion is allowed was not asked.";
    outlook.before = std::move(live);
    if (!outlook.before) return outlook;
    if (server_) dry_run(subject, call);
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
        OtherTarget::Asked asked;
        asked.verb = RSF_LIST;
        asked.type = contents.type;
        asked.ns = contents.ns;
        asked.all_namespaces = contents.ns.empty();
        try {
            const json::object list = parsed(over_.perform(call, asked).text);
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
    if (!unseen.empty()) outlook.doubt = "Which " + unseen + " go with it can't be seen: " + why;
}

json::object Review::document(const Subject &subject, Outlook outlook) const {
    json::object step{{"action", outlook.action}, {"basis", outlook.basis}};
    if (!outlook.reason.empty()) step["reason"] = outlook.reason;
    json::object identity;
    const auto name = [&](const char *key, const std::string &value) {
        if (!value.empty()) identity[key] = value;
    };
    name("apiVersion", subject.identity.api_version);
    name("kind", subject.identity.kind);
    name("namespace", subject.identity.ns);
    name("name", subject.identity.name);
    step["identity"] = std::move(identity);

    const auto shown = [&](const std::optional<json::object> &object) -> json::value {
        return object ? json::value(secrets_.masked(without_noise(*object), subject.identity.kind)) : json::value(nullptr);
    };
    const json::value before = shown(outlook.before);
    json::value after = shown(outlook.after);
    json::array differences;
    if (before.is_object() && after.is_object()) {
        after = settled(before, std::move(after));
        differences = changes(before, after);
        if (differences.empty()) {
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
    if (!outlook.doubt.empty()) step["risks"].as_array().emplace_back(json::object{{"path", ""}, {"message", outlook.doubt}});
    if (!outlook.takes_along.empty()) step["takes_along"] = std::move(outlook.takes_along);
    step["errors"] = json::array();
    step["object"] = std::move(outlook.object);
    return step;
}

} // namespace rsf::dryrun
