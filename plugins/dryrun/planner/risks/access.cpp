// SPDX-License-Identifier: Apache-2.0
#include "dryrun/planner/changes/changes.hpp"
#include "risk_list.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

using Texts = std::vector<std::string_view>;

Texts texts_in(const json::object &object, const char *key) {
    Texts texts;
    if (const json::array *list = find_array(object, key))
        for (const json::value &entry : *list)
            if (entry.is_string()) texts.push_back(entry.get_string());
    return texts;
}

bool contains(const Texts &texts, std::string_view text) { return std::find(texts.begin(), texts.end(), text) != texts.end(); }

// "a, b, c, d, e and 3 more"
std::string joined(const Texts &texts) {
    constexpr std::size_t most = 5;
    std::string result;
    for (std::size_t i = 0; i < texts.size() && i < most; ++i) result += (i > 0 ? ", " : "") + std::string(texts[i]);
    return texts.size() > most ? result + " and " + std::to_string(texts.size() - most) + " more" : result;
}

// ---- rules ----

// https://kubernetes.io/docs/reference/access-authn-authz/rbac/
struct PolicyRule {
    explicit PolicyRule(const json::object &rule)
        : verbs(texts_in(rule, "verbs")), groups(texts_in(rule, "apiGroups")), resources(texts_in(rule, "resources")),
          names(texts_in(rule, "resourceNames")), urls(texts_in(rule, "nonResourceURLs")) {}

    bool covers_resource(std::string_view verb, std::string_view group, std::string_view resource) const {
        if (!(contains(verbs, verb) || contains(verbs, "*")) || !(contains(groups, group) || contains(groups, "*"))) return false;
        if (contains(resources, resource) || contains(resources, "*")) return true;
        const auto slash = resource.find('/');
        return slash != resource.npos && contains(resources, "*" + std::string(resource.substr(slash)));
    }

    bool covers_names(const Texts &wanted) const {
        return names.empty() || (!wanted.empty() && std::all_of(wanted.begin(), wanted.end(),
                                                                [&](std::string_view name) { return contains(names, name); }));
    }

    bool covers_url(std::string_view verb, std::string_view url) const {
        if (!contains(verbs, verb) && !contains(verbs, "*")) return false;
        return std::any_of(urls.begin(), urls.end(), [&](std::string_view held) {
            return held == url ||
                   (!held.empty() && held.back() == '*' && url.substr(0, held.size() - 1) == held.substr(0, held.size() - 1));
        });
    }

    Texts verbs, groups, resources, names, urls;
};

using Rules = std::vector<PolicyRule>;

Rules rules_of(const json::object *role) {
    Rules rules;
    const json::array *list = role ? find_array(*role, "rules") : nullptr;
    if (!list) return rules;
    for (const json::value &rule : *list)
        if (rule.is_object()) rules.emplace_back(rule.get_object());
    return rules;
}

void add_once(Texts &texts, std::string_view text) {
    if (!contains(texts, text)) texts.push_back(text);
}

// The verbs of a rule, and what it grants them on, as far as no rule granted them before.
struct Grant {
    Texts verbs, on; // on: resources and URLs
    bool every_group = false;
};

Grant newly_granted(const PolicyRule &rule, const Rules &before) {
    Grant grant;
    for (const std::string_view verb : rule.verbs) {
        for (const std::string_view group : rule.groups)
            for (const std::string_view resource : rule.resources) {
                const bool is_covered = std::any_of(before.begin(), before.end(), [&](const PolicyRule &held) {
                    return held.covers_resource(verb, group, resource) && held.covers_names(rule.names);
                });
                if (is_covered) continue;
                add_once(grant.verbs, verb);
                add_once(grant.on, resource);
                grant.every_group = grant.every_group || group == "*";
            }
        for (const std::string_view url : rule.urls) {
            if (std::any_of(before.begin(), before.end(), [&](const PolicyRule &held) { return held.covers_url(verb, url); }))
                continue;
            add_once(grant.verbs, verb);
            add_once(grant.on, url);
        }
    }
    return grant;
}

// Verbs with which a subject gains rights that it was not granted.
Texts escalating(const Texts &verbs) {
    Texts found;
    for (const std::string_view verb : {"escalate", "bind", "impersonate"})
        if (contains(verbs, verb)) found.push_back(verb);
    return found;
}

void add_role_risks(RiskList &risks, const json::object *before, const json::object &after) {
    const Rules held = rules_of(before);
    const Rules rules = rules_of(&after);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const Grant grant = newly_granted(rules[i], held);
        if (grant.verbs.empty()) continue;
        const bool every_verb = contains(grant.verbs, "*");
        const bool everything = every_verb || contains(grant.on, "*") || grant.every_group;
        const Texts escalates = escalating(grant.verbs);
        // A new role grants nothing until it is bound, so that only rules are named that would be a risk in any role.
        if (!before && !everything && escalates.empty()) continue;
        std::string message = (before ? "Newly grants " : "Grants ") + (every_verb ? "every verb" : joined(grant.verbs)) +
                              " on " + (contains(grant.on, "*") ? "every resource" : joined(grant.on)) +
                              (grant.every_group ? " of every API group." : ".");
        if (!escalates.empty()) message += " A subject that may " + joined(escalates) + " can gain the rights of others.";
        risks.add("rules[" + std::to_string(i) + "]", std::move(message));
    }
}

// ---- bindings ----

std::string subject_of(const json::object &subject) {
    const std::string_view ns = find_text(subject, "namespace");
    return std::string(find_text(subject, "kind")) + " " + (ns.empty() ? "" : std::string(ns) + "/") +
           std::string(find_text(subject, "name"));
}

bool is_bound_to_admin(const json::object *binding) {
    return binding && find_text(*binding, "roleRef.kind") == "ClusterRole" &&
           find_text(*binding, "roleRef.name") == "cluster-admin";
}

// The clients that a group or user of Kubernetes stands for, where those are not known by name; null: it names a certain one.
const char *crowd_of(std::string_view name) {
    if (name == "system:unauthenticated" || name == "system:anonymous") return "every client, without a login";
    return name == "system:authenticated" ? "every client that has a login" : nullptr;
}

std::vector<std::string> subjects_of(const json::object *binding) {
    std::vector<std::string> subjects;
    const json::array *list = binding ? find_array(*binding, "subjects") : nullptr;
    if (!list) return subjects;
    for (const json::value &subject : *list) subjects.push_back(subject.is_object() ? subject_of(subject.get_object()) : "");
    return subjects;
}

void add_binding_risks(RiskList &risks, std::string_view kind, const json::object *before, const json::object &after) {
    const std::vector<std::string> held = subjects_of(before);
    const std::vector<std::string> subjects = subjects_of(&after);
    const bool is_admin = is_bound_to_admin(&after);
    const bool was_admin = is_bound_to_admin(before);
    const std::string where = kind.substr(0, 7) == "Cluster" ? "in the whole cluster." : "in this namespace.";
    if (is_admin && !was_admin)
        risks.add("roleRef", "Makes cluster-admin of " +
                                 (subjects.empty() ? "no subject yet" : joined(Texts(subjects.begin(), subjects.end()))) +
                                 ": all rights " + where);
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        if (std::find(held.begin(), held.end(), subjects[i]) != held.end()) continue;
        const std::string path = "subjects[" + std::to_string(i) + "]";
        const json::value &subject = find_array(after, "subjects")->at(i);
        const char *crowd = subject.is_object() ? crowd_of(find_text(subject.get_object(), "name")) : nullptr;
        if (crowd) risks.add(path, std::string("Gives these rights to ") + crowd + ".");
        if (is_admin && was_admin) risks.add(path, "Makes " + subjects[i] + " cluster-admin: all rights " + where);
    }
}

} // namespace

void add_access_risks(RiskList &risks, std::string_view kind, const json::object *before, const json::object &after) {
    constexpr std::string_view group = ".rbac.authorization.k8s.io";
    if (kind.size() <= group.size() || kind.substr(kind.size() - group.size()) != group) return;
    kind.remove_suffix(group.size());
    if (kind == "Role" || kind == "ClusterRole") add_role_risks(risks, before, after);
    if (kind == "RoleBinding" || kind == "ClusterRoleBinding") add_binding_risks(risks, kind, before, after);
}

} // namespace rsf::dryrun::planner
