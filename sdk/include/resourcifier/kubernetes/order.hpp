// SPDX-License-Identifier: Apache-2.0
//
// kubernetes/order.hpp: which objects must come before which in a cluster: the body of rsf.order/1 for drivers for Kubernetes.
// Header-only C++17. Pure; everything is thread-safe.
#ifndef RESOURCIFIER_KUBERNETES_ORDER_HPP
#define RESOURCIFIER_KUBERNETES_ORDER_HPP

#include "../driver.hpp"
#include "identity.hpp"
#include "kinds.hpp"
#include "last.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rsf::kubernetes {

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
    std::string group, kind, name;       // its identity; no kind: not known
    std::string ns;                      // of a namespaced one; empty: left to the driver's own default, which is not known here
    bool defines_cluster_wide = false;   // a CustomResourceDefinition with scope Cluster
    bool comes_last = false;
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

// default_ns: may be empty, see order().
inline Ordered read_resource(const rsf::Resource &posted, std::string_view default_ns) {
    Ordered resource;
    boost::system::error_code failed;
    const json::value parsed = json_value(posted.object_text, failed);
    if (failed || !parsed.is_object()) return resource;
    const json::object &object = parsed.get_object();
    const json::object *metadata = object_in(object, "metadata");
    std::string_view name = metadata ? text_in(*metadata, "name") : std::string_view{};
    std::string_view ns = metadata ? text_in(*metadata, "namespace") : std::string_view{};
    if (name.empty()) name = posted.name;
    if (ns.empty()) ns = default_ns;
    const std::string_view said_ns = ns;
    if (ns.empty()) ns = "default";

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
    resource.kind = kind ? kind->kind : kind_text;
    resource.group = kind ? kind->group : split_api_version(api_version).group;
    resource.name = name;
    if (!kind || kind->namespaced) resource.ns = said_ns;
    if (kind) {
        resource.provides.push_back(key(kind->kind, kind->namespaced ? ns : std::string_view{}, name));
        resource.comes_last = detail::comes_last(*kind);
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
// kind, and the few other objects without which the cluster refuses an object; webhook configurations after everything else. Of
// two resources that are one object each is before the other. ns: where an object goes that names no namespace (the request's,
// else the target's); empty: not known, likely "default". What can't be read gets no edges. Time and answer grow with the
// resources' text.
inline std::vector<Before> order(std::string_view ns, const std::vector<rsf::Resource> &resources) {
    using namespace detail;
    std::vector<Ordered> all;
    all.reserve(resources.size());
    std::unordered_map<std::string, std::size_t> providers; // the first of each key: a second one will be refused
    for (const rsf::Resource &posted : resources) {
        all.push_back(read_resource(posted, ns));
        for (const std::string &provided : all.back().provides) providers.emplace(provided, all.size() - 1);
    }
    std::unordered_map<std::string, std::size_t> objects; // the first resource of each
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
        if (!all[i].kind.empty() && !all[i].name.empty()) {
            const std::string object =
                all[i].group + "\n" + key(all[i].kind, cluster_wide ? std::string_view{} : all[i].ns, all[i].name);
            const std::size_t same = objects.emplace(object, i).first->second;
            add(same, i, "the same object");
            add(i, same, "the same object");
        }
        for (const Ordered::Need &need : all[i].needs) add(find(need.key), i, need.why);
    }
    std::vector<std::size_t> last;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].comes_last) last.push_back(i);
    order_last(resources, last, add);
    return edges;
}

} // namespace rsf::kubernetes

#endif
