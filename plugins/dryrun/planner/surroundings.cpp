// SPDX-License-Identifier: Apache-2.0
#include "surroundings.hpp"
#include "object.hpp"

#include <resourcifier/kubernetes/kinds.hpp>

#include <algorithm>

namespace rsf::dryrun::planner {

using namespace objects;

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
    const std::string asked = ". The cluster answered for those without it, and may refuse or change them once it is there.";
    return entry.reach == Reach::everything ? "It takes part in the admission of the other objects of this configuration" + asked
                                            : "It limits the other objects of this configuration in its namespace" + asked;
}

} // namespace rsf::dryrun::planner
