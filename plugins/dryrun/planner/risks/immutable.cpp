// SPDX-License-Identifier: Apache-2.0
#include "dryrun/objects/meaning.hpp"
#include "dryrun/objects/quantity.hpp"
#include "dryrun/planner/changes/changes.hpp"
#include "risk_list.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

enum class Compare {
    exactly,
    where_both_have_it, // a field that one object leaves out is the same: the server sets a default, or fills it in later
};

struct Fixed {
    std::string_view kind, path;
    Compare how = Compare::where_both_have_it;
};

// Source: https://kubernetes.io/docs/reference/kubernetes-api/ (each kind's page) and the servers' own validation.
constexpr Fixed fixed[] = {
    {"Deployment.apps", "spec.selector", Compare::exactly},
    {"ReplicaSet.apps", "spec.selector", Compare::exactly},
    {"DaemonSet.apps", "spec.selector", Compare::exactly},
    {"StatefulSet.apps", "spec.selector", Compare::exactly},
    {"StatefulSet.apps", "spec.serviceName", Compare::exactly},
    {"StatefulSet.apps", "spec.podManagementPolicy"},
    {"StatefulSet.apps", "spec.volumeClaimTemplates"},
    {"Job.batch", "spec.selector"},
    {"Job.batch", "spec.template"},
    {"Job.batch", "spec.completionMode"},
    {"Secret", "type"},
    {"PersistentVolumeClaim", "spec.accessModes"},
    {"PersistentVolumeClaim", "spec.storageClassName"},
    {"PersistentVolumeClaim", "spec.volumeName"},
    {"PersistentVolumeClaim", "spec.volumeMode"},
    {"PersistentVolumeClaim", "spec.selector"},
    {"PersistentVolumeClaim", "spec.dataSource"},
    {"PersistentVolumeClaim", "spec.dataSourceRef"},
    {"PersistentVolumeClaim", "spec.resources.limits"},
    {"PersistentVolume", "spec.volumeMode"},
    {"StorageClass.storage.k8s.io", "provisioner"},
    {"StorageClass.storage.k8s.io", "parameters", Compare::exactly},
    {"StorageClass.storage.k8s.io", "reclaimPolicy"},
    {"StorageClass.storage.k8s.io", "volumeBindingMode"},
    {"RoleBinding.rbac.authorization.k8s.io", "roleRef"},
    {"ClusterRoleBinding.rbac.authorization.k8s.io", "roleRef"},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.group"},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.scope"},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.names.kind"},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.names.plural"},
    {"IngressClass.networking.k8s.io", "spec.controller"},
    {"PriorityClass.scheduling.k8s.io", "value"},
    {"PriorityClass.scheduling.k8s.io", "preemptionPolicy"},
    {"RuntimeClass.node.k8s.io", "handler"},
    {"EndpointSlice.discovery.k8s.io", "addressType"},
};

// The fields of a PersistentVolume's spec that are not its source.
constexpr std::string_view volume_fields[] = {"accessModes",
                                              "capacity",
                                              "claimRef",
                                              "mountOptions",
                                              "nodeAffinity",
                                              "volumeMode",
                                              "storageClassName",
                                              "persistentVolumeReclaimPolicy",
                                              "volumeAttributesClassName"};

const json::value &value_or_null(const json::object &object, std::string_view path) {
    static const json::value nothing;
    const json::value *value = find(object, path);
    return value && *value != "" ? *value : nothing;
}

// Whether the fields that both have are the same.
bool agree(const Place &place, const json::value &before, const json::value &after) {
    if (before.is_object() && after.is_object()) {
        for (const auto &[key, value] : before.get_object()) {
            const json::value *other = after.get_object().if_contains(key);
            if (key != "status" && other && !agree(place.at(key), value, *other)) return false;
        }
        return true;
    }
    if (before.is_array() && after.is_array()) {
        const json::array &one = before.get_array();
        const json::array &other = after.get_array();
        return std::equal(
            one.begin(), one.end(), other.begin(), other.end(),
            [&](const json::value &entry, const json::value &counterpart) { return agree(place, entry, counterpart); });
    }
    return before.is_null() || after.is_null() || is_unknown(after) || is_same(place, before, after);
}

bool differs(const json::object &before, const json::object &after, std::string_view path, Compare how) {
    const json::value &one = value_or_null(before, path);
    const json::value &other = value_or_null(after, path);
    const Place place = Place{}.at(path.substr(path.rfind('.') + 1));
    return how == Compare::where_both_have_it ? !agree(place, one, other) : !is_same(place, one, other);
}

class Immutables {
  public:
    Immutables(RiskList &risks, std::string_view kind) : risks_(risks), kind_(kind.substr(0, kind.find('.'))) {}

    void refuse(const std::string &path) {
        risks_.add(path, "The cluster refuses to change this: the " + kind_ + " would have to be deleted and created anew.");
    }

    void check_service(const json::object &before, const json::object &after) {
        for (const json::object *service : {&before, &after})
            if (find_text(*service, "spec.type") == "ExternalName") return;
        if (differs(before, after, "spec.clusterIP", Compare::where_both_have_it)) refuse("spec.clusterIP");
    }

    void check_claim(const json::object &before, const json::object &after) {
        constexpr const char *path = "spec.resources.requests.storage";
        const json::value *one = find(before, path);
        const json::value *other = find(after, path);
        const auto held = one ? Quantity::of(*one) : std::nullopt;
        const auto wanted = other ? Quantity::of(*other) : std::nullopt;
        if (held && wanted && *wanted < *held) risks_.add(path, "The cluster refuses this: a claim can only grow.");
    }

    void check_volume(const json::object &before, const json::object &after) {
        const json::object *one = find_object(before, "spec");
        const json::object *other = find_object(after, "spec");
        if (!one || !other) return;
        const auto is_source = [](std::string_view key) {
            return std::find(std::begin(volume_fields), std::end(volume_fields), key) == std::end(volume_fields);
        };
        for (const auto &[key, value] : *one)
            if (is_source(key) && (!other->contains(key) || !agree(Place{}.at(key), value, other->at(key))))
                refuse(path_of_key("spec", key));
        for (const auto &[key, value] : *other)
            if (is_source(key) && !one->contains(key)) refuse(path_of_key("spec", key));
    }

    // "immutable: true" can't be taken back. https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable
    void check_sealed(const json::object &before, const json::object &after) {
        const json::value *sealed = find(before, "immutable");
        if (!sealed || *sealed != true) return;
        if (value_or_null(after, "immutable") != true) refuse("immutable");
        for (const char *path : {"data", "binaryData"})
            if (differs(before, after, path, Compare::exactly)) refuse(path);
    }

    // https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
    void check_pod(const json::object &before, const json::object &after) {
        const json::object *one = find_object(before, "spec");
        const json::object *other = find_object(after, "spec");
        if (!one || !other) return;
        constexpr std::string_view changeable[] = {"activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations",
                                                   "schedulingGates", "ephemeralContainers"};
        for (const auto &[key, value] : *one) {
            const json::value *counterpart = other->if_contains(key);
            if (!counterpart || std::find(std::begin(changeable), std::end(changeable), key) != std::end(changeable)) continue;
            if (!agree(Place{}.at(key), without_images(value), without_images(*counterpart))) refuse(path_of_key("spec", key));
        }
    }

  private:
    static json::value without_images(json::value list) {
        if (list.is_array())
            for (json::value &container : list.get_array())
                if (container.is_object()) container.get_object().stable_erase("image");
        return list;
    }

    RiskList &risks_;
    const std::string kind_;
};

} // namespace

void add_immutable_risks(RiskList &risks, std::string_view kind, const json::object &before, const json::object &after) {
    Immutables immutables(risks, kind);
    for (const Fixed &field : fixed)
        if (field.kind == kind && differs(before, after, field.path, field.how)) immutables.refuse(std::string(field.path));
    if (kind == "Service") immutables.check_service(before, after);
    if (kind == "PersistentVolumeClaim") immutables.check_claim(before, after);
    if (kind == "PersistentVolume") immutables.check_volume(before, after);
    if (kind == "ConfigMap" || kind == "Secret") immutables.check_sealed(before, after);
    if (kind == "Pod") immutables.check_pod(before, after);
}

} // namespace rsf::dryrun::planner
