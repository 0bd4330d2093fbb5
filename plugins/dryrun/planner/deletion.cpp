// SPDX-License-Identifier: Apache-2.0
#include "deletion.hpp"

#include "contents.hpp"
#include "dryrun/objects/values.hpp"

namespace rsf::dryrun::planner {

using namespace objects;

Outlook nothing_to_delete(const std::string &why) {
    Outlook outlook;
    outlook.action = "unchanged";
    outlook.basis = basis::client;
    outlook.reason = "Nothing can be there to delete: " + why;
    return outlook;
}

std::string notice_of_deletion(const json::object &live) {
    const std::string_view since = find_text(live, "metadata.deletionTimestamp");
    if (since.empty()) return {};
    std::string holders;
    if (const json::array *finalizers = find_array(live, "metadata.finalizers"))
        for (const json::value &each : *finalizers)
            if (each.is_string()) holders += (holders.empty() ? "" : ", ") + std::string(each.get_string());
    return "It is being deleted, since " + std::string(since) + ", and no write stops that" +
           (holders.empty() ? "." : "; it is held by its finalizers: " + holders + ".");
}

Outlook Deletion::outlook_of(const Subject &subject, const Call &call) const {
    Outlook outlook;
    std::string why_none;
    const std::optional<Result> asked = predictor_.ask(subject, call, why_none);
    outlook.basis = asked ? basis::server : basis::client;
    if (asked) outlook.warnings = asked->warnings;
    if (!asked) outlook.reason = why_none + " Whether the deletion is allowed was not asked.";
    // The target's own answer decides whether there is anything to delete: it may have the object in another version.
    const bool is_absent = asked && asked->outcome == Outcome::unchanged;
    if (!is_absent) outlook.before = target_.read_deleted(subject, call);
    outlook.action = outlook.before ? "delete" : "unchanged";
    if (!outlook.before) return outlook;
    secrets_.learn(*outlook.before, subject.identity.kind);
    find_taken_along(outlook, call);
    earlier_steps_.note_deletion(*outlook.before);
    return outlook;
}

// The objects that the cluster deletes with a namespace or a kind, but for those that this configuration deletes itself. A delete
// begins with the dependents, so that the steps of those have been planned already.
void Deletion::find_taken_along(Outlook &outlook, const Call &call) const {
    std::string unseen, why;
    for (const Contents &contents : contents_of(*outlook.before)) {
        try {
            const json::object list = target_.list(contents.type, contents.ns, call);
            for (const json::value &entry : list.at("items").as_array())
                if (const json::object *item = entry.if_object();
                    item && !comes_by_itself(*item) && !earlier_steps_.deletes(*item))
                    outlook.takes_along.emplace_back(identity_in(*item));
        } catch (const Error &error) {
            if (error.code == Code::cancelled) throw;
            if (error.code == Code::not_found || error.code == Code::unsupported) continue; // the cluster has no such kind
            unseen += (unseen.empty() ? "" : ", ") + contents.type;
            if (why.empty()) why = secrets_.masked_text(error.what());
        }
    }
    if (!unseen.empty()) outlook.notices.push_back("Which " + unseen + " are deleted with it is not known: " + why);
}

} // namespace rsf::dryrun::planner
