// SPDX-License-Identifier: Apache-2.0
#include "contents.hpp"
#include "object.hpp"

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

// The kinds that hold data, run or are reached by clients. To list every kind would take the discovery of the cluster's API.
constexpr const char *kept_in_namespaces[] = {
    "persistentvolumeclaims", "secrets",         "configmaps",       "deployments.apps",
    "statefulsets.apps",      "daemonsets.apps", "replicasets.apps", "pods",
    "cronjobs.batch",         "jobs.batch",      "services",         "ingresses.networking.k8s.io"};

// The version that is stored, else the first one that is served.
std::string_view version_in(const json::object &definition) {
    std::string_view served;
    if (const json::array *versions = find_array(definition, "spec.versions"))
        for (const json::value &entry : *versions)
            if (const json::object *version = entry.if_object()) {
                const json::value *is_served = find(*version, "served"), *is_stored = find(*version, "storage");
                if (!is_served || *is_served != true) continue;
                if (is_stored && *is_stored == true) return find_text(*version, "name");
                if (served.empty()) served = find_text(*version, "name");
            }
    return served;
}

} // namespace

std::vector<Contents> contents_of(const json::object &object) {
    std::vector<Contents> contents;
    const std::string kind = qualified_kind(object);
    if (kind == "Namespace" && find_text(object, "apiVersion") == "v1")
        for (const char *type : kept_in_namespaces) contents.push_back({type, std::string(find_text(object, "metadata.name"))});
    if (kind == "CustomResourceDefinition.apiextensions.k8s.io") {
        const std::string_view plural = find_text(object, "spec.names.plural"), group = find_text(object, "spec.group"),
                               version = version_in(object);
        if (!plural.empty() && !group.empty() && !version.empty())
            contents.push_back({std::string(plural) + "." + std::string(version) + "." + std::string(group), {}});
    }
    return contents;
}

bool comes_by_itself(const json::object &object) {
    if (const json::array *owners = find_array(object, "metadata.ownerReferences"); owners && !owners->empty()) return true;
    const std::string kind = qualified_kind(object);
    return (kind == "ConfigMap" && find_text(object, "metadata.name") == "kube-root-ca.crt") ||
           (kind == "Secret" && find_text(object, "type") == "kubernetes.io/service-account-token");
}

std::string key_of(const json::object &object) {
    return qualified_kind(object) + "/" + std::string(find_text(object, "metadata.namespace")) + "/" +
           std::string(find_text(object, "metadata.name"));
}

json::object identity_in(const json::object &object) {
    json::object identity;
    const auto take = [&](const char *key, const char *path) {
        if (const std::string_view text = find_text(object, path); !text.empty()) identity[key] = text;
    };
    take("apiVersion", "apiVersion");
    take("kind", "kind");
    take("namespace", "metadata.namespace");
    take("name", "metadata.name");
    return identity;
}

} // namespace rsf::dryrun::planner
