// SPDX-License-Identifier: Apache-2.0
#include "noise.hpp"
#include "conventions.hpp"
#include "dryrun/planner/object.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

constexpr const char *bookkeeping[] = {"managedFields",
                                       "resourceVersion",
                                       "uid",
                                       "generation",
                                       "creationTimestamp",
                                       "deletionTimestamp",
                                       "deletionGracePeriodSeconds",
                                       "selfLink"};
constexpr std::string_view noisy_annotations[] = {
    last_applied, "deployment.kubernetes.io/revision",
    "autoscaling.alpha.kubernetes.io/conditions", // autoscaling/v1 has its status there
    "autoscaling.alpha.kubernetes.io/current-metrics"};

// ---- order ----

// Smaller comes first.
int rank(std::string_view key, std::string_view holder, bool is_entry) {
    const auto place = [&](std::initializer_list<std::string_view> first) {
        return static_cast<int>(std::find(first.begin(), first.end(), key) - first.begin());
    };
    if (holder.empty() && !is_entry) return place({"apiVersion", "kind", "metadata"});
    if (holder == "metadata" && !is_entry) return place({"name", "namespace"});
    return is_entry ? place({"name"}) : 0;
}

void put_in_order(json::value &value, std::string_view key, bool is_entry);

// holder: the key of the member that holds the object, or that holds the list around it; empty: the whole object.
void put_in_order(json::object &object, std::string_view holder, bool is_entry) {
    std::vector<std::pair<int, std::string>> keys;
    for (const auto &member : object) keys.emplace_back(rank(member.key(), holder, is_entry), member.key());
    std::sort(keys.begin(), keys.end());
    json::object ordered(object.storage());
    ordered.reserve(object.size());
    for (const auto &[ignored, key] : keys) {
        json::value &value = object[key];
        put_in_order(value, key, false);
        ordered.emplace(key, std::move(value));
    }
    object = std::move(ordered);
}

void put_in_order(json::value &value, std::string_view key, bool is_entry) {
    if (value.is_object()) put_in_order(value.get_object(), key, is_entry);
    if (value.is_array())
        for (json::value &entry : value.get_array()) put_in_order(entry, key, true);
}

// ---- templates ----

void erase_if_empty(json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    if (value && (value->is_null() || (value->is_object() && value->get_object().empty()))) object.stable_erase(key);
}

void clean_template(json::object &holder) {
    json::object *metadata = find_mutable(holder, "metadata");
    if (!metadata) return;
    const json::value *time = metadata->if_contains("creationTimestamp");
    if (!time || !time->is_null()) return;
    metadata->stable_erase("creationTimestamp");
    erase_if_empty(holder, "metadata");
}

void clean_templates(json::value &value) {
    if (value.is_array())
        for (json::value &entry : value.get_array()) clean_templates(entry);
    if (!value.is_object()) return;
    json::object &object = value.get_object();
    clean_template(object);
    if (json::value *claims = object.if_contains("volumeClaimTemplates"); claims && claims->is_array())
        for (json::value &claim : claims->get_array())
            if (claim.is_object()) claim.get_object().stable_erase("status");
    for (auto &member : object) clean_templates(member.value());
}

// ---- assigned fields ----

bool has(const json::object &object, std::string_view path) {
    const json::value *value = find(object, path);
    return value && *value != "" && *value != 0;
}

void erase_unless_posted(json::object &object, const json::object &posted, std::initializer_list<const char *> paths) {
    for (const char *path : paths)
        if (!has(posted, path)) erase_at(object, path);
}

// For keys that may hold dots.
void erase_keys_unless_posted(json::object &object, const json::object &posted, const char *path,
                              std::initializer_list<const char *> keys) {
    json::object *map = find_mutable(object, path);
    const json::object *kept = find_object(posted, path);
    if (!map) return;
    for (const char *key : keys)
        if (!kept || !kept->contains(key)) map->stable_erase(key);
    if (map->empty()) erase_at(object, path);
}

bool asks_for_node_port(const json::object &posted, const json::object &port) {
    const json::array *ports = find_array(posted, "spec.ports");
    if (!ports) return false;
    const auto protocol = [](const json::object &of) {
        return find_text(of, "protocol").empty() ? "TCP" : find_text(of, "protocol");
    };
    return std::any_of(ports->begin(), ports->end(), [&](const json::value &each) {
        const json::object *asked = each.if_object();
        return asked && has(*asked, "nodePort") && find_number(*asked, "port", 0) == find_number(port, "port", 0) &&
               protocol(*asked) == protocol(port);
    });
}

void erase_addresses(json::object &service, const json::object &posted) {
    erase_unless_posted(service, posted, {"spec.healthCheckNodePort"});
    if (!has(posted, "spec.clusterIP") && !has(posted, "spec.clusterIPs")) {
        erase_at(service, "spec.clusterIP");
        erase_at(service, "spec.clusterIPs");
    }
    json::value *ports = const_cast<json::value *>(find(service, "spec.ports"));
    if (!ports || !ports->is_array()) return;
    for (json::value &port : ports->get_array())
        if (port.is_object() && !asks_for_node_port(posted, port.get_object())) port.get_object().stable_erase("nodePort");
}

void erase_job_keys(json::object &job, const json::object &posted) {
    erase_unless_posted(job, posted, {"spec.selector"});
    for (const char *labels : {"metadata.labels", "spec.template.metadata.labels"})
        erase_keys_unless_posted(
            job, posted, labels,
            {"controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"});
}

template <class Is> void erase_entries(json::object &holder, std::string_view key, Is is) {
    json::value *list = holder.if_contains(key);
    if (!list || !list->is_array()) return;
    json::array &entries = list->get_array();
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [&](const json::value &entry) { return entry.is_object() && is(entry.get_object()); }),
                  entries.end());
    if (entries.empty()) holder.stable_erase(key);
}

// Admission adds kube-api-access-RANDOM. https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
void erase_token_volume(json::object &pod, const json::object &posted) {
    const auto is_token = [](std::string_view name) { return name.substr(0, 16) == "kube-api-access-"; };
    json::object *spec = find_mutable(pod, "spec");
    if (!spec || json_text(posted).find("kube-api-access-") != std::string::npos) return;
    erase_entries(*spec, "volumes", [&](const json::object &volume) { return is_token(find_text(volume, "name")); });
    for (const char *list : {"containers", "initContainers"}) {
        json::value *containers = spec->if_contains(list);
        if (!containers || !containers->is_array()) continue;
        for (json::value &container : containers->get_array())
            if (container.is_object())
                erase_entries(container.get_object(), "volumeMounts",
                              [&](const json::object &mount) { return is_token(find_text(mount, "name")); });
    }
}

} // namespace

json::object in_order(json::object object) {
    put_in_order(object, {}, false);
    return object;
}

json::object without_noise(json::object object, Status status) {
    if (status == Status::left_out) object.stable_erase("status");
    if (json::object *metadata = find_mutable(object, "metadata")) {
        for (const char *key : bookkeeping) metadata->stable_erase(key);
        if (json::object *annotations = find_mutable(*metadata, "annotations"))
            for (const std::string_view key : noisy_annotations) annotations->stable_erase(key);
        erase_if_empty(*metadata, "annotations");
        erase_if_empty(*metadata, "labels");
    }
    for (auto &member : object) clean_templates(member.value());
    return in_order(std::move(object));
}

json::object without_assigned(json::object predicted, const json::object &posted) {
    if (!sets_status(predicted, posted)) predicted.stable_erase("status");
    if (json::object *metadata = find_mutable(predicted, "metadata")) {
        for (const char *key : bookkeeping) metadata->stable_erase(key);
        if (has(posted, "metadata.generateName") && !has(posted, "metadata.name")) metadata->stable_erase("name");
    }
    erase_keys_unless_posted(predicted, posted, "metadata.annotations",
                             {"deployment.kubernetes.io/revision", "pv.kubernetes.io/bind-completed",
                              "pv.kubernetes.io/bound-by-controller", "pv.kubernetes.io/provisioned-by",
                              "volume.kubernetes.io/selected-node", "volume.kubernetes.io/storage-provisioner",
                              "volume.beta.kubernetes.io/storage-provisioner", "kubernetes.io/service-account.uid"});
    const std::string kind = qualified_kind(predicted);
    if (kind == "Service") erase_addresses(predicted, posted);
    if (kind == "ServiceAccount") erase_unless_posted(predicted, posted, {"secrets"});
    if (kind == "PersistentVolumeClaim") erase_unless_posted(predicted, posted, {"spec.volumeName"});
    if (kind == "PersistentVolume") erase_unless_posted(predicted, posted, {"spec.claimRef"});
    if (kind == "Job.batch") erase_job_keys(predicted, posted);
    if (kind == "Pod") {
        erase_unless_posted(predicted, posted, {"spec.nodeName"});
        erase_token_volume(predicted, posted);
    }
    return predicted;
}

json::object with_put_back(json::object predicted, const json::object &live, const json::object &posted) {
    const json::array *held = find_array(live, "metadata.finalizers");
    if (held && !find(posted, "metadata.finalizers"))
        for (const json::value &finalizer : *held)
            if (finalizer == "kubernetes.io/pv-protection" || finalizer == "kubernetes.io/pvc-protection") {
                json::value &list = object_in(predicted, "metadata")["finalizers"];
                if (!list.is_array()) list.emplace_array();
                json::array &kept = list.get_array();
                if (std::find(kept.begin(), kept.end(), finalizer) == kept.end()) kept.push_back(finalizer);
            }
    const json::value *secrets = find(live, "secrets");
    if (secrets && !find(posted, "secrets") && qualified_kind(live) == "ServiceAccount") predicted["secrets"] = *secrets;
    return predicted;
}

} // namespace rsf::dryrun::planner
