// SPDX-License-Identifier: Apache-2.0
//
// kubernetes.hpp: what drivers for Kubernetes and clusters like it share, header-only C++17: the built-in kinds, how a type is
// read, an object's identity, and what must come before what. Pure: no I/O, no state; everything is thread-safe.
#ifndef RESOURCIFIER_KUBERNETES_HPP
#define RESOURCIFIER_KUBERNETES_HPP

#include "driver.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

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

// Whom an object is, once identify has seen it.
struct Identity {
    std::string api_version;
    std::string kind;
    std::string name;
    std::string ns; // the object's, else the request's, else empty: the driver's own default. Always empty for cluster-wide kinds
};

namespace detail {

inline std::string lower(std::string_view text) {
    std::string result(text);
    for (char &c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

// For messages: quoted, control characters escaped, cut when long.
inline std::string quoted(std::string_view text) {
    constexpr std::size_t most = 100;
    std::size_t end = text.size();
    if (end > most) {
        end = most;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end; // not within a character
    }
    const std::string_view shown = text.substr(0, end);
    return json::serialize(json::value(json::string(shown.data(), shown.size()))) + (end < text.size() ? "…" : "");
}

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

struct GroupVersion {
    std::string_view group;
    std::string_view version;
};

inline GroupVersion split_api_version(std::string_view api_version) {
    const std::size_t slash = api_version.find('/');
    if (slash == api_version.npos) return {{}, api_version};
    return {api_version.substr(0, slash), api_version.substr(slash + 1)};
}

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

inline const json::object *object_in(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value ? value->if_object() : nullptr;
}

// The string at key, or empty: missing or something else.
inline std::string_view text_in(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    const json::string *text = value ? value->if_string() : nullptr;
    return text ? std::string_view(text->data(), text->size()) : std::string_view{};
}

[[noreturn]] inline void refuse(const std::string &sentence) { throw Error(Code::invalid, sentence, Retry::never); }

// The string at key. Missing, null and "" are the same to Kubernetes: empty.
inline std::string_view checked_text(const json::object &object, std::string_view key, const char *path) {
    const json::value *value = object.if_contains(key);
    if (!value || value->is_null()) return {};
    if (!value->is_string())
        refuse(std::string(path) + " of the object must be a string, not " + to_string(value->kind()).data() + ".");
    return text_in(object, key);
}

// What is wrong with a name, or nullptr. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/: built-in kinds
// take a DNS subdomain (RFC 1123), Namespace a DNS label and Service one that starts with a letter (RFC 1035); RBAC's, IPAddress
// and custom kinds are held to the path segment rule only. None may look like a flag, whatever program it reaches.
inline const char *fault_of_name(const Kind *kind, std::string_view name) {
    if (name.empty() || name.size() > 253) return "a name has 1 to 253 characters";
    if (name.find("$(ref.") != name.npos) return "references are not resolved here; write the name itself";
    if (name.front() == '-') return "a name can't start with '-'";
    if (name == "." || name == ".." || name.find_first_of("/%") != name.npos)
        return "a name is not \".\" or \"..\" and has no '/' or '%'";
    for (const char c : name)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "a name has no control characters";
    if (!kind || kind->group == "rbac.authorization.k8s.io" || kind->kind == "IPAddress") return nullptr;
    const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool is_label = kind->group.empty() && (kind->kind == "Namespace" || kind->kind == "Service");
    char before = '.';
    for (const char c : name) {
        if (!alphanumeric(c) && c != '-' && (c != '.' || is_label))
            return is_label ? "it may hold only a-z, 0-9 and '-'" : "it may hold only a-z, 0-9, '-' and '.'";
        if ((before == '.' && !alphanumeric(c)) || (c == '.' && before == '-'))
            return "each of its parts must start and end with a-z or 0-9";
        before = c;
    }
    if (!alphanumeric(before)) return "each of its parts must start and end with a-z or 0-9";
    if (is_label && name.size() > 63) return "it may have 63 characters at most";
    if (is_label && kind->kind == "Service" && name.front() <= '9') return "a Service's name starts with a letter";
    return nullptr;
}

// Throws when type and what the object says of itself can't both be true.
inline void refuse_contradiction(const Type &type, const Kind *known_type, const Kind *known_kind, std::string_view written,
                                 std::string_view kind, std::string_view api_version) {
    const std::string said = "The resource's type is " + quoted(written);
    if (known_kind ? !type.names(*known_kind) : known_type && lower(kind) != known_type->singular)
        refuse(said + ", but its object's kind is " + quoted(kind) + ": make them agree.");
    if (api_version.empty() || !type.has_group) return;
    const GroupVersion of = split_api_version(api_version);
    const bool same_group = type.group == lower(of.group) || (known_kind && known_kind == known_type);
    if (!same_group || (!type.version.empty() && !type.admits(of)))
        refuse(said + ", but its object's apiVersion is " + quoted(api_version) + ": make them agree.");
}

} // namespace detail

// A type as kubectl reads it, in any case: "cm", "ConfigMap", "configmaps", "deployments.apps", "deployments.v1.apps",
// "Deployment.v1beta1.extensions". nullptr: no built-in kind.
inline const Kind *find_kind(std::string_view type) { return detail::find_kind(detail::Type(type)); }

// The built-in kind of an object that has this apiVersion and kind, spelt exactly. nullptr: no built-in kind.
inline const Kind *find_kind(std::string_view api_version, std::string_view kind) {
    const detail::GroupVersion wanted = detail::split_api_version(api_version);
    for (const Kind &each : kinds)
        if (each.kind == kind && detail::any_version(each, [&](detail::GroupVersion of) { return of.group == wanted.group; }))
            return &each;
    return nullptr;
}

namespace detail {

// The object's kind and apiVersion, filled in from the type where they are missing and it leaves one reading.
inline const Kind *settle_kind(json::object &object, std::string_view written) {
    std::string kind(checked_text(object, "kind", "kind"));
    std::string api_version(checked_text(object, "apiVersion", "apiVersion"));
    const Type type(written);
    const Kind *known_type = find_kind(type);
    if (kind == "List" || (!kind.empty() && object.if_contains("items") && !object.if_contains("metadata")))
        refuse("The object is a list: post each of its items as a resource of its own.");

    const bool type_is_full_kind = !known_type && !type.version.empty() && written.front() >= 'A' && written.front() <= 'Z';
    if (kind.empty()) {
        if (!known_type && !type_is_full_kind)
            refuse("The object has no kind, and the resource's type " + quoted(written) +
                   " is not a built-in one that tells it: set kind.");
        kind = known_type ? std::string(known_type->kind) : std::string(written.substr(0, type.name.size()));
        if (known_type && !api_version.empty() && !kubernetes::find_kind(api_version, kind))
            refuse("The resource's type " + quoted(written) + " is kind " + kind + ", which apiVersion " + quoted(api_version) +
                   " does not have: make them agree, or set kind.");
    }
    const Kind *known_kind = nullptr;
    if (!api_version.empty())
        known_kind = kubernetes::find_kind(api_version, kind);
    else if (known_type && known_type->kind == kind)
        known_kind = known_type;
    else if (const Kind *found = kubernetes::find_kind(kind); found && found->kind == kind)
        known_kind = found;
    if (!written.empty()) refuse_contradiction(type, known_type, known_kind, written, kind, api_version);

    if (api_version.empty()) {
        if (!type.version.empty())
            api_version = type.group + (type.group.empty() ? "" : "/") + type.version;
        else if (!known_kind)
            refuse("The object has no apiVersion, and its kind " + quoted(kind) + " is not a built-in one: set apiVersion.");
        else if (any_version(*known_kind,
                             [&](GroupVersion of) { return of.version != known_kind->version && is_stable(of.version); }))
            refuse("The object has no apiVersion, and kind " + quoted(kind) + " has several: set apiVersion.");
        else
            api_version = known_kind->api_version();
    }
    object["kind"] = kind;
    object["apiVersion"] = api_version;
    return known_kind ? known_kind : kubernetes::find_kind(api_version, kind);
}

} // namespace detail

// Whom the object of a write is. type and name: the resource's, as posted; ns_of_request: Call::ns(). apiVersion, kind and
// metadata.name are filled in, in object too, where they are missing and type and name leave one reading. Throws Error
// (Code::invalid) with a sentence for whatever is missing still, is not a string, contradicts another, or can't be a name. A kind
// that is not built in is taken at its word: a driver with discovery can fill in its kind before.
inline Identity identify(json::object &object, std::string_view type, std::string_view name, std::string_view ns_of_request) {
    using namespace detail;
    const Kind *kind = settle_kind(object, type);

    json::value &metadata_value = object["metadata"];
    if (metadata_value.is_null()) metadata_value.emplace_object();
    if (!metadata_value.is_object()) refuse("metadata of the object must be an object.");
    json::object &metadata = metadata_value.get_object();
    if (checked_text(metadata, "name", "metadata.name").empty()) {
        if (!checked_text(metadata, "generateName", "metadata.generateName").empty())
            refuse("The object has metadata.generateName, so that nobody can tell which object to replace or delete: set "
                   "metadata.name.");
        if (name.empty()) refuse("The object has no name: set metadata.name.");
        metadata["name"] = name;
    }
    Identity identity{std::string(text_in(object, "apiVersion")),
                      std::string(text_in(object, "kind")),
                      std::string(text_in(metadata, "name")),
                      {}};
    if (const char *fault = fault_of_name(kind, identity.name))
        refuse("The name " + quoted(identity.name) + " can't be that of a " + identity.kind + ": " + fault + ".");

    const std::string_view own = checked_text(metadata, "namespace", "metadata.namespace");
    if (kind && !kind->namespaced) return identity;
    if (!own.empty() && !ns_of_request.empty() && own != ns_of_request)
        refuse("The object's metadata.namespace is " + quoted(own) + ", but the request is for namespace " +
               quoted(ns_of_request) + ".");
    identity.ns = own.empty() ? ns_of_request : own;
    if (identity.ns.empty()) return identity;
    if (const char *fault = fault_of_name(kubernetes::find_kind("v1", "Namespace"), identity.ns))
        refuse("The namespace " + quoted(identity.ns) + " can't be one: " + fault + ".");
    return identity;
}

namespace detail {

// One resource as order() sees it. Keys are texts that tell things apart; a reference in one equals only the same reference.
struct Ordered {
    struct Need {
        std::string key;
        std::string_view why;
    };
    std::vector<std::string> provides;
    std::vector<Need> needs;
    std::vector<std::string> definition; // keys under which the CustomResourceDefinition of a custom kind may be found
    std::string ns_key;                  // the Namespace that it is in, or empty
    bool defines_cluster_wide = false;   // a CustomResourceDefinition with scope Cluster
};

inline std::string key(std::string_view kind, std::string_view ns, std::string_view name) {
    std::string result(kind);
    result.append(1, '\n').append(ns).append(1, '\n').append(name);
    return result;
}

inline void read_definition(const json::object &spec, Ordered &resource) {
    const json::object *names = object_in(spec, "names");
    if (!names) return;
    const std::string_view group = text_in(spec, "group");
    resource.defines_cluster_wide = text_in(spec, "scope") == "Cluster";
    resource.provides.push_back(key("kind", group, text_in(*names, "kind")));
    const auto add = [&](std::string_view name) {
        if (name.empty()) return;
        resource.provides.push_back(key("type", {}, lower(name)));
        resource.provides.push_back(key("type", lower(group), lower(name)));
    };
    add(text_in(*names, "kind"));
    add(text_in(*names, "plural"));
    add(text_in(*names, "singular"));
    const json::value *shorts = names->if_contains("shortNames");
    if (const json::array *list = shorts ? shorts->if_array() : nullptr)
        for (const json::value &each : *list)
            if (const json::string *text = each.if_string()) add({text->data(), text->size()});
}

// What the cluster refuses an object for, where the other may be in the same configuration. Workloads are not here: their pods
// are made later and converge. A bare Pod is judged at once (admission plugins ServiceAccount, Priority, RuntimeClass), and so is
// a binding by anyone who may not bind every role (https://kubernetes.io/docs/reference/access-authn-authz/rbac/, "Privilege
// escalation prevention and bootstrapping").
inline void read_needs(const Kind &kind, const json::object &object, std::string_view ns, Ordered &resource) {
    if (kind.kind == "Pod") {
        const json::object *spec = object_in(object, "spec");
        if (!spec) return;
        const std::string_view account = text_in(*spec, "serviceAccountName");
        resource.needs.push_back({key("ServiceAccount", ns, account.empty() ? text_in(*spec, "serviceAccount") : account),
                                  "service account before its pod"});
        resource.needs.push_back(
            {key("PriorityClass", {}, text_in(*spec, "priorityClassName")), "priority class before its pod"});
        resource.needs.push_back({key("RuntimeClass", {}, text_in(*spec, "runtimeClassName")), "runtime class before its pod"});
    } else if (kind.kind == "RoleBinding" || kind.kind == "ClusterRoleBinding") {
        const json::object *role = object_in(object, "roleRef");
        if (!role) return;
        const std::string_view of = text_in(*role, "kind");
        if (of == "Role" || of == "ClusterRole")
            resource.needs.push_back(
                {key(of, of == "Role" ? ns : std::string_view{}, text_in(*role, "name")), "role before its binding"});
    }
}

inline Ordered read_resource(const rsf::Resource &posted, std::string_view default_ns) {
    Ordered resource;
    boost::system::error_code failed;
    json::parse_options options;
    options.max_depth = 512;
    const json::value parsed = json::parse(posted.object_text, failed, {}, options);
    if (failed || !parsed.is_object()) return resource;
    const json::object &object = parsed.get_object();
    const json::object *metadata = object_in(object, "metadata");
    std::string_view name = metadata ? text_in(*metadata, "name") : std::string_view{};
    std::string_view ns = metadata ? text_in(*metadata, "namespace") : std::string_view{};
    if (name.empty()) name = posted.name;
    if (ns.empty()) ns = default_ns;

    const std::string_view kind_text = text_in(object, "kind");
    const std::string_view api_version = text_in(object, "apiVersion");
    const Kind *kind = nullptr;
    if (kind_text.empty())
        kind = kubernetes::find_kind(posted.type);
    else if (!api_version.empty())
        kind = kubernetes::find_kind(api_version, kind_text);
    else if (const Kind *found = kubernetes::find_kind(kind_text); found && found->kind == kind_text)
        kind = found;

    if (!kind || kind->namespaced) resource.ns_key = key("Namespace", {}, ns);
    if (kind) {
        resource.provides.push_back(key(kind->kind, kind->namespaced ? ns : std::string_view{}, name));
        read_needs(*kind, object, ns, resource);
        if (kind->kind == "CustomResourceDefinition")
            if (const json::object *spec = object_in(object, "spec")) read_definition(*spec, resource);
    } else if (!kind_text.empty()) {
        resource.definition.push_back(key("kind", split_api_version(api_version).group, kind_text));
    } else {
        const Type type(posted.type);
        resource.definition.push_back(key("type", type.group, type.name));
    }
    return resource;
}

} // namespace detail

// The body of rsf.order/1 for Kubernetes: a Namespace before what is in it, a CustomResourceDefinition before objects of its
// kind, and the few other things without which the cluster refuses an object. ns: where an object goes that names no namespace
// (the request's, else the target's). What can't be read gets no edges. Time and answer grow with the resources' text.
inline std::vector<Before> order(std::string_view ns, const std::vector<rsf::Resource> &resources) {
    using namespace detail;
    if (ns.empty()) ns = "default";
    std::vector<Ordered> all;
    all.reserve(resources.size());
    std::unordered_map<std::string, std::size_t> providers; // of two with one key the first: the second will be refused
    for (const rsf::Resource &posted : resources) {
        all.push_back(read_resource(posted, ns));
        for (const std::string &provided : all.back().provides) providers.emplace(provided, all.size() - 1);
    }
    std::vector<Before> edges;
    const auto find = [&](const std::string &wanted) {
        const auto found = providers.find(wanted);
        return found == providers.end() ? resources.size() : found->second;
    };
    const auto add = [&](std::size_t first, std::size_t then, std::string_view why) {
        if (first != resources.size() && first != then) edges.push_back({first, then, why});
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
        bool cluster_wide = all[i].ns_key.empty();
        for (const std::string &wanted : all[i].definition) {
            const std::size_t definition = find(wanted);
            add(definition, i, "CustomResourceDefinition before objects of its kind");
            if (definition != resources.size() && all[definition].defines_cluster_wide) cluster_wide = true;
        }
        if (!cluster_wide) add(find(all[i].ns_key), i, "namespace before what is in it");
        for (const Ordered::Need &need : all[i].needs) add(find(need.key), i, need.why);
    }
    return edges;
}

} // namespace rsf::kubernetes

#endif
