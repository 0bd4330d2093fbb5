// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/bodies/carry_over.hpp"

#include "kubectl/text/json_parts.hpp"

#include <resourcifier/kubernetes/kinds.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace rsf::kubectl::api {

namespace {

// As user agents, which name the manager of a write that does not: the controllers that come with a cluster, also where one
// program is all of them (k3s, kubelite).
constexpr std::array<std::string_view, 8> control_plane{"kube-controller-manager",
                                                        "kube-scheduler",
                                                        "kubelet",
                                                        "kube-apiserver",
                                                        "cloud-controller-manager",
                                                        "k3s",
                                                        "rke2",
                                                        "kubelite"};

bool is_control_plane(std::string_view manager) {
    return std::find(control_plane.begin(), control_plane.end(), manager) != control_plane.end();
}

// Kubernetes takes all of these for a field that is not there.
bool is_left_out(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    if (!value || value->is_null()) return true;
    if (value->is_string()) return value->get_string().empty();
    if (value->is_int64()) return value->get_int64() == 0;
    return value->is_uint64() && value->get_uint64() == 0;
}

void keep(const json::object &live, json::object &object, std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys)
        if (is_left_out(object, key) && !is_left_out(live, key)) object[key] = live.at(key);
}

json::object *object_in(json::object &object, std::string_view key) {
    json::value *value = object.if_contains(key);
    return value ? value->if_object() : nullptr;
}

json::array *array_in(json::object &object, std::string_view key) {
    json::value *value = object.if_contains(key);
    return value ? value->if_array() : nullptr;
}

json::object &made(json::object &object, std::string_view key) {
    json::value &value = object[key];
    if (!value.is_object()) value.emplace_object();
    return value.get_object();
}

// Calls use(live's entry, object's entry) for those of both lists that agree in key.
template <class Use>
void for_each_pair(const json::object &live, json::object &object, std::string_view list, std::string_view key, Use use) {
    const json::array *from = text::array_at(live, list);
    json::array *to = array_in(object, list);
    if (!from || !to) return;
    for (json::value &each : *to) {
        json::object *entry = each.if_object();
        if (!entry || text::text_at(*entry, key).empty()) continue;
        const auto found = std::find_if(from->begin(), from->end(), [&](const json::value &other) {
            return other.is_object() && text::text_at(other.get_object(), key) == text::text_at(*entry, key);
        });
        if (found != from->end()) use(found->get_object(), *entry);
    }
}

// Adds live's entries that wanted(entry) says are the cluster's and that object's list lacks by its keys.
template <class Wanted>
void add_missing(const json::object &live, json::object &object, std::string_view list,
                 std::initializer_list<std::string_view> keys, Wanted wanted) {
    const json::array *from = text::array_at(live, list);
    if (!from) return;
    for (const json::value &each : *from) {
        const json::object *entry = each.if_object();
        if (!entry || !wanted(*entry)) continue;
        json::value &at = object[list];
        if (at.is_null()) at.emplace_array();
        json::array *to = at.if_array();
        if (!to) return;
        const bool is_there = std::any_of(to->begin(), to->end(), [&](const json::value &other) {
            return other.is_object() && std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
                       return text::text_at(other.get_object(), key) == text::text_at(*entry, key);
                   });
        });
        if (!is_there) to->push_back(*entry);
    }
}

std::string port_key(const json::object &port) {
    const std::string_view protocol = text::text_at(port, "protocol");
    const json::value *number = port.if_contains("port");
    return (number ? json_text(*number) : "") + "/" + std::string(protocol.empty() ? "TCP" : protocol);
}

std::int64_t node_port(const json::object &port) {
    const json::value *number = port.if_contains("nodePort");
    boost::system::error_code failed;
    return number ? number->to_number<std::int64_t>(failed) : 0;
}

// As API servers from 1.21 on do it themselves for names; by port and protocol where a port got another name. A number that
// another port of the object asks for is not given twice.
void keep_node_ports(const json::object &live, json::object &spec) {
    const json::array *from = text::array_at(live, "ports");
    json::array *to = array_in(spec, "ports");
    if (!from || !to) return;
    std::set<std::string> used; // with the protocol: a number may be taken once for each
    const auto taken = [](const json::object &port, std::int64_t number) {
        const std::string_view protocol = text::text_at(port, "protocol");
        return std::to_string(number) + "/" + std::string(protocol.empty() ? "TCP" : protocol);
    };
    for (const json::value &each : *to)
        if (const json::object *port = each.if_object(); port && node_port(*port) != 0)
            used.insert(taken(*port, node_port(*port)));
    const auto give = [&](auto same) {
        for (json::value &each : *to) {
            json::object *port = each.if_object();
            if (!port || node_port(*port) != 0) continue;
            for (const json::value &other : *from) {
                const json::object *held = other.if_object();
                if (!held || node_port(*held) == 0 || !same(*held, *port)) continue;
                if (used.insert(taken(*port, node_port(*held))).second) {
                    (*port)["nodePort"] = node_port(*held);
                    break;
                }
            }
        }
    };
    give([](const json::object &a, const json::object &b) {
        return text::text_at(a, "name") == text::text_at(b, "name") && port_key(a) == port_key(b);
    });
    give([](const json::object &a, const json::object &b) { return text::text_at(a, "name") == text::text_at(b, "name"); });
    give([](const json::object &a, const json::object &b) { return port_key(a) == port_key(b); });
}

void keep_of_service(const json::object &live, json::object &spec) {
    const std::string type(text::text_at(spec, "type")); // spec's own moves when it grows
    if (type == "ExternalName" || text::text_at(live, "type") == "ExternalName") return;
    const json::array *addresses = text::array_at(spec, "clusterIPs");
    if (text::text_at(spec, "clusterIP").empty() && addresses && !addresses->empty()) spec["clusterIP"] = addresses->front();
    keep(live, spec, {"clusterIP"});
    if (text::text_at(spec, "clusterIP") == text::text_at(live, "clusterIP")) {
        if (is_left_out(spec, "ipFamilyPolicy")) keep(live, spec, {"clusterIPs", "ipFamilies", "ipFamilyPolicy"});
        keep(live, spec, {"ipFamily"}); // 1.16 to 1.19
    }
    if (type == "NodePort" || type == "LoadBalancer") keep_node_ports(live, spec);
    if (type == "LoadBalancer" && text::text_at(spec, "externalTrafficPolicy") == "Local")
        keep(live, spec, {"healthCheckNodePort"});
}

// Controllers make Secrets for an account and call them after it: without the reference they make another one.
void keep_of_account(const json::object &live, json::object &account) {
    const std::string name(text::metadata_text(live, "name"));
    const auto is_made = [&](const json::object &reference) {
        const std::string_view secret = text::text_at(reference, "name");
        return secret.starts_with(name + "-token-") || secret.starts_with(name + "-dockercfg-");
    };
    add_missing(live, account, "secrets", {"name"}, is_made);
    add_missing(live, account, "imagePullSecrets", {"name"}, is_made);
}

void keep_labels(const json::object &live, json::object &template_, std::initializer_list<std::string_view> names) {
    const json::object *metadata = text::object_at(live, "metadata");
    const json::object *labels = metadata ? text::object_at(*metadata, "labels") : nullptr;
    for (const std::string_view name : names)
        if (labels && !is_left_out(*labels, name)) keep(*labels, made(made(template_, "metadata"), "labels"), {name});
}

// The server draws a Job's selector, and labels for its pods, unless the manifest says that it brings its own.
void keep_of_job(const json::object &live, json::object &spec) {
    const json::value *manual = spec.if_contains("manualSelector");
    if (manual && manual->is_bool() && manual->get_bool()) return;
    keep(live, spec, {"selector"});
    const json::object *pods = text::object_at(live, "template");
    json::object *wanted = object_in(spec, "template");
    if (pods && wanted)
        keep_labels(*pods, *wanted,
                    {"controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"});
}

// What the admission plugins ServiceAccount, LimitRanger and the defaults of a tag gave a container.
void keep_of_container(const json::object &live, json::object &container, bool is_limited) {
    static constexpr std::string_view mounted = "/var/run/secrets/kubernetes.io/serviceaccount";
    keep(live, container, {"imagePullPolicy"}); // its default follows the image's tag, which may change, and it may not
    add_missing(live, container, "volumeMounts", {"mountPath"},
                [](const json::object &mount) { return text::text_at(mount, "mountPath") == mounted; });
    const json::object *resources = text::object_at(live, "resources");
    if (!is_limited || !resources) return;
    for (const std::string_view kind : {"limits", "requests"})
        if (const json::object *amounts = text::object_at(*resources, kind))
            for (const auto &[name, amount] : *amounts) keep(*amounts, made(made(container, "resources"), kind), {name});
}

// All that a Pod's spec lacks would be refused, since little of it may change.
void keep_of_pod(const json::object &live_pod, const json::object &live, json::object &pod, json::object &spec) {
    keep(live, spec,
         {"nodeName", "serviceAccountName", "serviceAccount", "priority", "priorityClassName", "preemptionPolicy", "overhead",
          "imagePullSecrets", "ephemeralContainers"});
    const std::string token = std::string(text::text_at(live, "serviceAccountName")) + "-token-";
    add_missing(live, spec, "volumes", {"name"}, [&](const json::object &volume) {
        const std::string_view name = text::text_at(volume, "name");
        return name.starts_with("kube-api-access-") || name.starts_with(token);
    });
    add_missing(live, spec, "tolerations", {"key"}, [](const json::object &toleration) {
        return text::text_at(toleration, "key").starts_with("node.kubernetes.io/");
    });
    constexpr std::string_view limit_ranger = "kubernetes.io/limit-ranger"; // it says there what it did
    const json::object *metadata = text::object_at(live_pod, "metadata");
    const json::object *annotations = metadata ? text::object_at(*metadata, "annotations") : nullptr;
    const bool is_limited = annotations && annotations->contains(limit_ranger);
    if (is_limited) keep(*annotations, made(made(pod, "metadata"), "annotations"), {limit_ranger});
    for (const std::string_view list : {"containers", "initContainers"})
        for_each_pair(live, spec, list, "name",
                      [&](const json::object &held, json::object &container) { keep_of_container(held, container, is_limited); });
}

// A claim that names no uid waits to be bound; the binding adds it.
void keep_of_volume(const json::object &live, json::object &spec) {
    keep(live, spec, {"claimRef"});
    const json::object *held = text::object_at(live, "claimRef");
    json::object *wanted = object_in(spec, "claimRef");
    const bool same = held && wanted && text::text_at(*held, "name") == text::text_at(*wanted, "name") &&
                      text::text_at(*held, "namespace") == text::text_at(*wanted, "namespace");
    if (same) keep(*held, *wanted, {"apiVersion", "kind", "uid", "resourceVersion"});
}

// How the node is, its controller says in taints; the first ones come from an admission plugin, in the name of who made it.
void keep_of_node(const json::object &live, json::object &spec) {
    keep(live, spec, {"podCIDR", "podCIDRs", "providerID"});
    add_missing(live, spec, "taints", {"key", "effect"},
                [](const json::object &taint) { return text::text_at(taint, "key").starts_with("node.kubernetes.io/"); });
}

// The class that the admission plugin DefaultIngressClass chose. Older manifests name it in an annotation.
void keep_of_ingress(const json::object &live, json::object &ingress, json::object &spec) {
    const json::object *metadata = text::object_at(ingress, "metadata");
    const json::object *annotations = metadata ? text::object_at(*metadata, "annotations") : nullptr;
    if (!annotations || !annotations->contains("kubernetes.io/ingress.class")) keep(live, spec, {"ingressClassName"});
}

void keep_of_kind(const json::object &live, json::object &object) {
    const kubernetes::Kind *found = kubernetes::find_kind(text::text_at(object, "apiVersion"), text::text_at(object, "kind"));
    if (!found) return keep(live, object, {"status"}); // without the subresource it is a field like others
    const std::string_view kind = found->kind;
    if (kind == "ServiceAccount") keep_of_account(live, object);
    const json::object *from = text::object_at(live, "spec");
    if (from && (kind == "Node" || kind == "Namespace")) made(object, "spec"); // manifests seldom have one
    json::object *to = object_in(object, "spec");
    if (!from || !to) return;
    if (kind == "Service") keep_of_service(*from, *to);
    if (kind == "Job") keep_of_job(*from, *to);
    if (kind == "Pod") keep_of_pod(live, *from, object, *to);
    if (kind == "PersistentVolume") keep_of_volume(*from, *to);
    if (kind == "PersistentVolumeClaim") keep(*from, *to, {"volumeName", "storageClassName"});
    if (kind == "Ingress") keep_of_ingress(*from, object, *to);
    if (kind == "Node") keep_of_node(*from, *to);
    if (kind == "Namespace") keep(*from, *to, {"finalizers"});
}

// Programs such as cert-manager's cainjector write a caBundle where the manifest has none.
void keep_bundle(const json::object &live, json::object &client, const json::object *own) {
    if (own && own->contains("f:caBundle")) return;
    const json::value *insecure = client.if_contains("insecureSkipTLSVerify");
    if (insecure && insecure->is_bool() && insecure->get_bool()) return; // both at once are refused
    keep(live, client, {"caBundle"});
}

void keep_bundles(const json::object &live, const json::object &own, json::object &object) {
    const std::string_view kind = text::text_at(object, "kind");
    if (kind.ends_with("WebhookConfiguration")) {
        for_each_pair(live, object, "webhooks", "name", [&](const json::object &held, json::object &webhook) {
            const json::object *fields = fields_at(own, {"webhooks"});
            fields = fields ? text::object_at(*fields, "k:" + json_text(json::object{{"name", text::text_at(webhook, "name")}}))
                            : nullptr;
            const json::object *from = text::object_at(held, "clientConfig");
            json::object *to = object_in(webhook, "clientConfig");
            if (from && to) keep_bundle(*from, *to, fields ? fields_at(*fields, {"clientConfig"}) : nullptr);
        });
        return;
    }
    const json::object *from = text::object_at(live, "spec");
    json::object *to = object_in(object, "spec");
    const json::object *fields = fields_at(own, {"spec"});
    if (kind == "CustomResourceDefinition")
        for (const char *name : {"conversion", "webhook", "clientConfig"}) {
            from = from ? text::object_at(*from, name) : nullptr;
            to = to ? object_in(*to, name) : nullptr;
            fields = fields ? fields_at(*fields, {name}) : nullptr;
        }
    else if (kind != "APIService")
        return;
    if (from && to) keep_bundle(*from, *to, fields);
}

// Its domain is Kubernetes' own: an admission plugin may have added it in own's name.
bool is_of_kubernetes(const json::value &finalizer) {
    if (!finalizer.is_string()) return false;
    const std::string_view name = finalizer.get_string();
    const std::string_view domain = name.substr(0, name.find('/'));
    return domain.ends_with("kubernetes.io") || domain.ends_with("k8s.io");
}

// Of finalizers and owners that object does not mention, those that own did not bring.
void keep_marks(const json::object &live, const json::object &own, json::object &object) {
    const json::object *from = text::object_at(live, "metadata");
    json::object *to = object_in(object, "metadata");
    if (!from || !to) return;
    const json::object *mine = fields_at(own, {"metadata"});
    for (const char *list : {"finalizers", "ownerReferences"}) {
        if (!is_left_out(*to, list) || is_left_out(*from, list)) continue;
        json::object others{{list, from->at(list)}};
        if (const json::object *fields = mine ? fields_at(*mine, {list}) : nullptr)
            take_out({{std::string("f:") + list, *fields}}, others);
        const json::array *left = text::array_at(others, list), *all = text::array_at(*from, list);
        json::array kept;
        if (all)
            for (const json::value &each : *all)
                if (is_of_kubernetes(each) || (left && std::find(left->begin(), left->end(), each) != left->end()))
                    kept.push_back(each);
        if (!kept.empty()) (*to)[list] = std::move(kept);
    }
}

} // namespace

void carry_over(const json::object &live, const Managers &own, json::object &object) {
    json::object mine, theirs; // fields
    for_each_entry(live, [&](const json::object &entry, const json::object &fields) {
        if (is_of(entry, own))
            unite(mine, fields);
        else if (text::text_at(entry, "subresource") != "status" && is_control_plane(text::text_at(entry, "manager")))
            unite(theirs, fields); // of scale too: an autoscaler's replicas
    });
    theirs.erase("f:status");
    keep_of_kind(live, object);
    keep_marks(live, mine, object);
    keep_bundles(live, mine, object);
    fill_in(without(theirs, mine), live, object);
}

} // namespace rsf::kubectl::api
