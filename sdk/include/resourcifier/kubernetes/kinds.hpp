// SPDX-License-Identifier: Apache-2.0
//
// kubernetes/kinds.hpp: the built-in kinds of Kubernetes, how a type is read, and what an object of a kind may be called.
// Header-only C++17, needs no library. Pure; everything is thread-safe.
#ifndef RESOURCIFIER_KUBERNETES_KINDS_HPP
#define RESOURCIFIER_KUBERNETES_KINDS_HPP

#include "names.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace rsf::kubernetes {

struct Kind {
    std::string_view kind;                       // "Deployment"
    std::string_view group;                      // "apps"; core: empty
    std::string_view version;                    // the newest that is generally available, else the newest
    std::string_view plural;                     // "deployments"
    std::string_view singular;                   // "deployment"
    std::array<std::string_view, 2> short_names; // "deploy"; unused: empty
    bool namespaced;
    std::string_view former; // other "group/version"s that are or were the same kind, separated by spaces

    // As it stands in an object: "apps/v1", "v1".
    std::string api_version() const { return std::string(group) + (group.empty() ? "" : "/") + std::string(version); }
};

// clang-format off
// The built-in kinds of Kubernetes 1.20 to 1.33 that are stored (reviews, evictions and other questions are not) and on by
// default. Source: the API reference of each release, https://kubernetes.io/docs/reference/kubernetes-api/, and for former versions
// https://kubernetes.io/docs/reference/using-api/deprecation-guide/. Where a name is in two groups, the first row is what the bare
// name means.
inline constexpr Kind kinds[] = {
    {"Binding", "", "v1", "bindings", "binding", {}, true, ""},
    {"ComponentStatus", "", "v1", "componentstatuses", "componentstatus", {"cs"}, false, ""},
    {"ConfigMap", "", "v1", "configmaps", "configmap", {"cm"}, true, ""},
    {"Endpoints", "", "v1", "endpoints", "endpoints", {"ep"}, true, ""},
    {"Event", "", "v1", "events", "event", {"ev"}, true, ""},
    {"LimitRange", "", "v1", "limitranges", "limitrange", {"limits"}, true, ""},
    {"Namespace", "", "v1", "namespaces", "namespace", {"ns"}, false, ""},
    {"Node", "", "v1", "nodes", "node", {"no"}, false, ""},
    {"PersistentVolume", "", "v1", "persistentvolumes", "persistentvolume", {"pv"}, false, ""},
    {"PersistentVolumeClaim", "", "v1", "persistentvolumeclaims", "persistentvolumeclaim", {"pvc"}, true, ""},
    {"Pod", "", "v1", "pods", "pod", {"po"}, true, ""},
    {"PodTemplate", "", "v1", "podtemplates", "podtemplate", {}, true, ""},
    {"ReplicationController", "", "v1", "replicationcontrollers", "replicationcontroller", {"rc"}, true, ""},
    {"ResourceQuota", "", "v1", "resourcequotas", "resourcequota", {"quota"}, true, ""},
    {"Secret", "", "v1", "secrets", "secret", {}, true, ""},
    {"Service", "", "v1", "services", "service", {"svc"}, true, ""},
    {"ServiceAccount", "", "v1", "serviceaccounts", "serviceaccount", {"sa"}, true, ""},

    {"ControllerRevision", "apps", "v1", "controllerrevisions", "controllerrevision", {}, true, "apps/v1beta1 apps/v1beta2"},
    {"DaemonSet", "apps", "v1", "daemonsets", "daemonset", {"ds"}, true, "apps/v1beta2 extensions/v1beta1"},
    {"Deployment", "apps", "v1", "deployments", "deployment", {"deploy"}, true, "apps/v1beta1 apps/v1beta2 extensions/v1beta1"},
    {"ReplicaSet", "apps", "v1", "replicasets", "replicaset", {"rs"}, true, "apps/v1beta2 extensions/v1beta1"},
    {"StatefulSet", "apps", "v1", "statefulsets", "statefulset", {"sts"}, true, "apps/v1beta1 apps/v1beta2"},

    {"CronJob", "batch", "v1", "cronjobs", "cronjob", {"cj"}, true, "batch/v1beta1 batch/v2alpha1"},
    {"Job", "batch", "v1", "jobs", "job", {}, true, ""},
    {"HorizontalPodAutoscaler", "autoscaling", "v2", "horizontalpodautoscalers", "horizontalpodautoscaler", {"hpa"}, true,
     "autoscaling/v1 autoscaling/v2beta1 autoscaling/v2beta2"},
    {"PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets", "poddisruptionbudget", {"pdb"}, true, "policy/v1beta1"},
    {"PodSecurityPolicy", "policy", "v1beta1", "podsecuritypolicies", "podsecuritypolicy", {"psp"}, false, "extensions/v1beta1"},

    {"Ingress", "networking.k8s.io", "v1", "ingresses", "ingress", {"ing"}, true, "networking.k8s.io/v1beta1 extensions/v1beta1"},
    {"IngressClass", "networking.k8s.io", "v1", "ingressclasses", "ingressclass", {}, false, "networking.k8s.io/v1beta1"},
    {"IPAddress", "networking.k8s.io", "v1", "ipaddresses", "ipaddress", {"ip"}, false,
     "networking.k8s.io/v1beta1 networking.k8s.io/v1alpha1"},
    {"NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies", "networkpolicy", {"netpol"}, true, "extensions/v1beta1"},
    {"ServiceCIDR", "networking.k8s.io", "v1", "servicecidrs", "servicecidr", {}, false,
     "networking.k8s.io/v1beta1 networking.k8s.io/v1alpha1"},

    {"ClusterRole", "rbac.authorization.k8s.io", "v1", "clusterroles", "clusterrole", {}, false,
     "rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1"},
    {"ClusterRoleBinding", "rbac.authorization.k8s.io", "v1", "clusterrolebindings", "clusterrolebinding", {}, false,
     "rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1"},
    {"Role", "rbac.authorization.k8s.io", "v1", "roles", "role", {}, true,
     "rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1"},
    {"RoleBinding", "rbac.authorization.k8s.io", "v1", "rolebindings", "rolebinding", {}, true,
     "rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1"},

    {"CSIDriver", "storage.k8s.io", "v1", "csidrivers", "csidriver", {}, false, "storage.k8s.io/v1beta1"},
    {"CSINode", "storage.k8s.io", "v1", "csinodes", "csinode", {}, false, "storage.k8s.io/v1beta1"},
    {"CSIStorageCapacity", "storage.k8s.io", "v1", "csistoragecapacities", "csistoragecapacity", {}, true,
     "storage.k8s.io/v1beta1 storage.k8s.io/v1alpha1"},
    {"StorageClass", "storage.k8s.io", "v1", "storageclasses", "storageclass", {"sc"}, false, "storage.k8s.io/v1beta1"},
    {"VolumeAttachment", "storage.k8s.io", "v1", "volumeattachments", "volumeattachment", {}, false,
     "storage.k8s.io/v1beta1 storage.k8s.io/v1alpha1"},

    {"CustomResourceDefinition", "apiextensions.k8s.io", "v1", "customresourcedefinitions", "customresourcedefinition",
     {"crd", "crds"}, false, "apiextensions.k8s.io/v1beta1"},
    {"APIService", "apiregistration.k8s.io", "v1", "apiservices", "apiservice", {}, false, "apiregistration.k8s.io/v1beta1"},
    {"PriorityClass", "scheduling.k8s.io", "v1", "priorityclasses", "priorityclass", {"pc"}, false,
     "scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1alpha1"},
    {"Lease", "coordination.k8s.io", "v1", "leases", "lease", {}, true, "coordination.k8s.io/v1beta1"},
    {"EndpointSlice", "discovery.k8s.io", "v1", "endpointslices", "endpointslice", {}, true, "discovery.k8s.io/v1beta1"},
    {"RuntimeClass", "node.k8s.io", "v1", "runtimeclasses", "runtimeclass", {}, false, "node.k8s.io/v1beta1 node.k8s.io/v1alpha1"},
    {"MutatingWebhookConfiguration", "admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations",
     "mutatingwebhookconfiguration", {}, false, "admissionregistration.k8s.io/v1beta1"},
    {"ValidatingWebhookConfiguration", "admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations",
     "validatingwebhookconfiguration", {}, false, "admissionregistration.k8s.io/v1beta1"},
    {"ValidatingAdmissionPolicy", "admissionregistration.k8s.io", "v1", "validatingadmissionpolicies",
     "validatingadmissionpolicy", {}, false, "admissionregistration.k8s.io/v1beta1 admissionregistration.k8s.io/v1alpha1"},
    {"ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings",
     "validatingadmissionpolicybinding", {}, false, "admissionregistration.k8s.io/v1beta1 admissionregistration.k8s.io/v1alpha1"},
    {"CertificateSigningRequest", "certificates.k8s.io", "v1", "certificatesigningrequests", "certificatesigningrequest", {"csr"},
     false, "certificates.k8s.io/v1beta1"},
    {"Event", "events.k8s.io", "v1", "events", "event", {"ev"}, true, "events.k8s.io/v1beta1"},
    {"FlowSchema", "flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "flowschema", {}, false,
     "flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1beta3"},
    {"PriorityLevelConfiguration", "flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations",
     "prioritylevelconfiguration", {}, false,
     "flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1beta3"},
};
// clang-format on

// ASCII alone, as in all that Kubernetes names.
inline std::string lower(std::string_view text) {
    std::string result(text);
    for (char &c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

// The halves of an apiVersion: "apps/v1" is group apps, "v1" the core group, whose name is empty. Views of it.
struct GroupVersion {
    std::string_view group;
    std::string_view version;
};

inline GroupVersion split_api_version(std::string_view api_version) {
    const std::size_t slash = api_version.find('/');
    if (slash == api_version.npos) return {{}, api_version};
    return {api_version.substr(0, slash), api_version.substr(slash + 1)};
}

namespace detail {

inline bool is_digits(std::string_view text) {
    for (const char c : text)
        if (c < '0' || c > '9') return false;
    return !text.empty();
}

// "v1", "v2beta1", as https://kubernetes.io/docs/reference/using-api/#api-versioning has them.
inline bool is_version(std::string_view text) {
    if (text.empty() || text.front() != 'v') return false;
    text.remove_prefix(1);
    for (const std::string_view stage : {"alpha", "beta"})
        if (const std::size_t at = text.find(stage); at != text.npos)
            return is_digits(text.substr(0, at)) && is_digits(text.substr(at + stage.size()));
    return is_digits(text);
}

inline bool is_stable(std::string_view version) { return is_version(version) && version.find_first_of("ab") == version.npos; }

// Calls use(GroupVersion) for the kind's own and all former ones, until it says true. Whether it did.
template <class Use> bool any_version(const Kind &kind, Use use) {
    if (use(GroupVersion{kind.group, kind.version})) return true;
    for (std::string_view rest = kind.former; !rest.empty();) {
        const std::size_t space = rest.find(' ');
        if (use(split_api_version(rest.substr(0, space)))) return true;
        rest = space == rest.npos ? std::string_view{} : rest.substr(space + 1);
    }
    return false;
}

// A type as kubectl takes it: name, name.group or name.version.group, where "pods.v1." is the core group.
struct Type {
    explicit Type(std::string_view written) : text(lower(written)) {
        const std::size_t dot = text.find('.');
        name = text.substr(0, dot);
        if (dot == text.npos) return;
        has_group = true;
        group = text.substr(dot + 1);
        const std::size_t next = group.find('.');
        if (next != group.npos && is_version(group.substr(0, next))) {
            version = group.substr(0, next);
            group.erase(0, next + 1);
        }
    }

    bool names(const Kind &kind) const {
        return !name.empty() &&
               (name == kind.plural || name == kind.singular || name == kind.short_names[0] || name == kind.short_names[1]);
    }

    bool admits(GroupVersion of) const { return (!has_group || group == of.group) && (version.empty() || version == of.version); }

    std::string text; // all in lower case
    std::string name, version, group;
    bool has_group = false;
};

inline const Kind *find_kind(const Type &type) {
    for (const Kind &kind : kinds)
        if (type.names(kind) && any_version(kind, [&](GroupVersion of) { return type.admits(of); })) return &kind;
    return nullptr;
}

} // namespace detail

// A type as kubectl reads it, in any case: "cm", "ConfigMap", "configmaps", "deployments.apps", "deployments.v1.apps",
// "Deployment.v1beta1.extensions". nullptr: no built-in kind.
inline const Kind *find_kind(std::string_view type) { return detail::find_kind(detail::Type(type)); }

// The built-in kind of an object that has this apiVersion and kind, spelt exactly. nullptr: no built-in kind.
inline const Kind *find_kind(std::string_view api_version, std::string_view kind) {
    const GroupVersion wanted = split_api_version(api_version);
    for (const Kind &each : kinds)
        if (each.kind == kind && detail::any_version(each, [&](GroupVersion of) { return of.group == wanted.group; }))
            return &each;
    return nullptr;
}

namespace detail {

// Whether Kubernetes holds the names of a kind's objects to the path segment rule only: "system:node", an address, "v1.",
// "node-csr-Ab_Cd". nullptr: a custom kind, which is one of them. Source: the validation of each kind in
// https://github.com/kubernetes/kubernetes/tree/master/pkg/apis; a core Event and a PodDisruptionBudget have none of their names.
inline bool takes_any_name(const Kind *kind) {
    if (!kind || kind->group == "rbac.authorization.k8s.io") return true;
    for (const std::string_view each : {"APIService", "CertificateSigningRequest", "Event", "IPAddress", "PodDisruptionBudget"})
        if (kind->kind == each) return true;
    return false;
}

// What is wrong with a name, or nullptr. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/: built-in kinds
// take a DNS subdomain (RFC 1123), Namespace a DNS label and Service one that starts with a letter (RFC 1035). None may look like
// a flag, whatever program it reaches.
inline const char *fault_of_name(const Kind *kind, std::string_view name) {
    if (name.find("$(ref.") != name.npos) return "references are not resolved here; write the name itself";
    if (const char *fault = fault_of_any_name(name)) return fault;
    if (takes_any_name(kind)) return nullptr;
    const bool is_label = kind->group.empty() && (kind->kind == "Namespace" || kind->kind == "Service");
    char before = '.';
    for (const char c : name) {
        if (!is_small_alphanumeric(c) && c != '-' && (c != '.' || is_label))
            return is_label ? "it may hold only a-z, 0-9 and '-'" : "it may hold only a-z, 0-9, '-' and '.'";
        if ((before == '.' && !is_small_alphanumeric(c)) || (c == '.' && before == '-'))
            return "each of its parts must start and end with a-z or 0-9";
        before = c;
    }
    if (!is_small_alphanumeric(before)) return "each of its parts must start and end with a-z or 0-9";
    if (is_label && name.size() > 63) return "it may have 63 characters at most";
    if (is_label && kind->kind == "Service" && name.front() <= '9') return "a Service's name starts with a letter";
    return nullptr;
}

// Why no object can ever have had the name, or nullptr: then the cluster is to say whether one has it, since what a kind takes
// differs from release to release.
inline const char *fault_of_deleted_name(const Kind *kind, std::string_view name) {
    if (name.find("$(ref.") != name.npos) return "references are not resolved here; write the name itself";
    return kind && takes_any_name(kind) && is_path_segment(name) ? nullptr : fault_of_any_name(name);
}

} // namespace detail

} // namespace rsf::kubernetes

#endif
