// SPDX-License-Identifier: Apache-2.0
#include "review_surroundings.hpp"
#include "review_object.hpp"

#include <resourcifier/kubernetes_kinds.hpp>

#include <algorithm>

namespace rsf::dryrun {
namespace {

// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
constexpr std::string_view admission_kinds[] = {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
                                                "ValidatingAdmissionPolicy",    "ValidatingAdmissionPolicyBinding",
                                                "MutatingAdmissionPolicy",      "MutatingAdmissionPolicyBinding"};

} // namespace

Surroundings::Reach Surroundings::reach_of(const std::string &kind) {
    if (kind == "ResourceQuota" || kind == "LimitRange") return Reach::its_namespace;
    for (const std::string_view each : admission_kinds)
        if (kind == std::string(each) + ".admissionregistration.k8s.io") return Reach::everything;
    return Reach::nothing;
}

void Surroundings::add(const json::object &object, std::string_view ns) {
    const kubernetes::Kind *kind = kubernetes::find_kind(find_text(object, "apiVersion"), find_text(object, "kind"));
    const std::string_view own = find_text(object, "metadata.namespace");
    entries_.push_back({reach_of(qualified_kind(object)), !kind || kind->namespaced, std::string(own.empty() ? ns : own)});
}

std::string Surroundings::warning(std::size_t resource) const {
    const Entry &entry = entries_[resource];
    const auto is_reached = [&](const Entry &other) {
        if (&other == &entry || other.reach != Reach::nothing) return false;
        const bool may_be_same = other.ns == entry.ns || other.ns.empty() || entry.ns.empty();
        return entry.reach == Reach::everything || (other.in_namespace && may_be_same);
    };
    if (entry.reach == Reach::nothing || !std::any_of(entries_.begin(), entries_.end(), is_reached)) return {};
    const std::string asked = ". The cluster was asked about those as if it was not there: it may refuse them, or change them.";
    return entry.reach == Reach::everything ? "It has a part in admitting what else this configuration writes" + asked
                                            : "It limits what else this configuration makes in its namespace" + asked;
}

} // namespace rsf::dryrun
