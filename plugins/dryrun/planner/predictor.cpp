// SPDX-License-Identifier: Apache-2.0
#include "predictor.hpp"

#include "changes/conventions.hpp"
#include "changes/merge.hpp"
#include "dryrun/objects/apply.hpp"

#include <utility>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

bool has_dry_run(const json::object &described) {
    for (const json::value &extension : described.at("extensions").as_array())
        if (extension == RSF_EXT_DRY_RUN) return true;
    return false;
}

// Whether the driver says that there is no dry run of this one write, in the form that extensions.h gives.
bool is_without_dry_run(const Error &error) {
    const json::object *details = error.details.if_object();
    const json::value *said = details ? details->if_contains("dry_run") : nullptr;
    return error.code == Code::unsupported && said && *said == false;
}

// live with the members of posted in it, mappings member by member.
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

} // namespace

Predictor::Predictor(const LiveTarget &target, const SecretTags &secrets, const json::object &described)
    : target_(target), secrets_(secrets), can_ask_(has_dry_run(described)) {}

std::optional<Result> Predictor::ask(const Subject &subject, const Call &call, std::string &why_none) const {
    const auto none = [&](std::string why) -> std::optional<Result> {
        why_none = std::move(why);
        if (call.expected_revision().empty()) return std::nullopt;
        throw Error(Code::unsupported, "Whether the object is still at the expected revision can't be planned. " + why_none,
                    Retry::never);
    };
    if (!can_ask_) return none("The target's driver has no dry run.");
    OtherTarget::Asked asked = OtherTarget::Asked::of(call);
    const std::string text = json_text(subject.object);
    asked.object = text;
    asked.dry_run = true;
    try {
        return target_.over().perform(call, asked);
    } catch (const Error &error) {
        if (!is_without_dry_run(error)) throw;
        std::string why = secrets_.masked_text(error.what());
        if (!why.empty() && why.back() != '.') why += '.';
        return none(std::move(why));
    }
}

json::object Predictor::merge(const Subject &subject, const Call &call, const std::optional<json::object> &live) const {
    if (!live) return subject.object;
    const json::object wanted = call.verb() == RSF_APPLY ? applied(*live, subject.object) : subject.object;
    if (subject.unknown) return laid_over(*live, wanted);
    return target_.is_kubernetes() || is_kept_by_api_server(*live) ? merged(*live, wanted) : wanted;
}

Outlook Predictor::predict(const Subject &subject, const Call &call, const std::optional<json::object> &live) const {
    Outlook outlook;
    std::string why_none;
    try {
        if (std::optional<Result> answered = ask(subject, call, why_none)) {
            outlook.after = parsed_object(answered->text);
            outlook.warnings = std::move(answered->warnings);
            outlook.basis = basis::server;
            outlook.reason = subject.unknown ? "Values that are only known later are shown as such." : "";
        } else {
            outlook.after = merge(subject, call, live);
            outlook.basis = basis::client;
            outlook.reason = why_none + " The object was merged without asking the cluster.";
        }
    } catch (const Error &error) {
        if (!subject.unknown || error.code != Code::invalid) throw;
        outlook.after = merge(subject, call, live);
        outlook.basis = basis::deferred;
        outlook.reason = "It can't be checked yet, since it refers to values that are only known later.";
    }
    return outlook;
}

} // namespace rsf::dryrun::planner
