// SPDX-License-Identifier: Apache-2.0
#include "simulation.hpp"

#include "dryrun/objects/values.hpp"

#include "masking/base64.hpp"

#include <string>

namespace rsf::dryrun::simulator {

using namespace objects;

namespace {

std::string copy(std::string_view text) { return std::string(text); }

json::object condition(const json::object &object, const char *type, const char *reason, const char *message) {
    const std::string time = copy(find_text(object, "metadata.creationTimestamp"));
    return {{"type", type}, {"status", "True"}, {"lastTransitionTime", time}, {"reason", reason}, {"message", message}};
}

std::int64_t replicas_of(const json::object &object) { return find_number(object, "spec.replicas", 1); }

std::int64_t generation_of(const json::object &object) { return find_number(object, "metadata.generation", 1); }

// ---- defaults ----

void default_service(json::object &object) {
    json::object &spec = object_in(object, "spec");
    set_default(spec, "type", "ClusterIP");
    set_default(spec, "sessionAffinity", "None");
    if (find_text(spec, "type") != "ExternalName") {
        set_default(spec, "ipFamilies", json::array{"IPv4"});
        set_default(spec, "ipFamilyPolicy", "SingleStack");
        set_default(spec, "internalTrafficPolicy", "Cluster");
    }
    json::value *ports = spec.if_contains("ports");
    if (!ports || !ports->is_array()) return;
    for (json::value &each : ports->get_array()) {
        json::object &port = each.as_object();
        set_default(port, "protocol", "TCP");
        set_default(port, "targetPort", port["port"]);
    }
}

void default_secret(json::object &object) {
    set_default(object, "type", "Opaque");
    if (const json::object *plain = find_object(object, "stringData")) {
        const json::object entries = *plain; // object_in may move what plain points to
        json::object &data = object_in(object, "data");
        for (const auto &[key, value] : entries) data[key] = masking::encode_base64(value.as_string());
    }
    object.stable_erase("stringData");
}

void default_namespace(json::object &object) {
    json::object &spec = object_in(object, "spec");
    set_default(spec, "finalizers", json::array{"kubernetes"});
    json::object &metadata = object_in(object, "metadata");
    const std::string name = copy(find_text(metadata, "name"));
    object_in(metadata, "labels")["kubernetes.io/metadata.name"] = name;
}

void default_replicas(json::object &object) { set_default(object_in(object, "spec"), "replicas", 1); }

void default_replication_controller(json::object &object) {
    default_replicas(object);
    const json::value *labels = find(object, "spec.template.metadata.labels");
    if (!labels) return;
    const json::value wanted = *labels;
    set_default(object_in(object, "spec"), "selector", wanted);
}

void default_claim(json::object &object) {
    json::object &spec = object_in(object, "spec");
    set_default(spec, "volumeMode", "Filesystem");
    set_default(spec, "volumeName", json::string("pvc-" + copy(find_text(object, "metadata.uid"))));
}

void default_binding(json::object &object) {
    set_default(object_in(object, "roleRef"), "apiGroup", "rbac.authorization.k8s.io");
    json::value *subjects = object.if_contains("subjects");
    if (!subjects || !subjects->is_array()) return;
    for (json::value &each : subjects->get_array())
        if (each.is_object() && find_text(each.get_object(), "kind") != "ServiceAccount")
            set_default(each.get_object(), "apiGroup", "rbac.authorization.k8s.io");
}

void default_definition(json::object &object) {
    const Kind defined = kind_of_definition(object);
    json::object &names = object_in(object_in(object, "spec"), "names");
    set_default(names, "singular", json::string(defined.singular));
    set_default(names, "listKind", json::string(defined.type.kind + "List"));
}

// ---- status ----

void run_deployment(json::object &object) {
    const std::int64_t count = replicas_of(object);
    object["status"] = json::object{
        {"observedGeneration", generation_of(object)},
        {"replicas", count},
        {"updatedReplicas", count},
        {"readyReplicas", count},
        {"availableReplicas", count},
        {"conditions",
         json::array{condition(object, "Available", "MinimumReplicasAvailable", "Deployment has minimum availability."),
                     condition(object, "Progressing", "NewReplicaSetAvailable", "The deployment has successfully progressed.")}}};
}

void run_replica_set(json::object &object) { // and ReplicationController
    const std::int64_t count = replicas_of(object);
    object["status"] = json::object{{"observedGeneration", generation_of(object)},
                                    {"replicas", count},
                                    {"fullyLabeledReplicas", count},
                                    {"readyReplicas", count},
                                    {"availableReplicas", count}};
}

void run_stateful_set(json::object &object) {
    const std::int64_t count = replicas_of(object);
    const std::string revision = copy(find_text(object, "metadata.name")) + "-" + std::to_string(generation_of(object));
    object["status"] = json::object{{"observedGeneration", generation_of(object)},
                                    {"replicas", count},
                                    {"currentReplicas", count},
                                    {"updatedReplicas", count},
                                    {"readyReplicas", count},
                                    {"availableReplicas", count},
                                    {"currentRevision", revision},
                                    {"updateRevision", revision},
                                    {"collisionCount", 0}};
}

void run_daemon_set(json::object &object) { // as if the cluster had one node
    object["status"] = json::object{{"observedGeneration", generation_of(object)},
                                    {"desiredNumberScheduled", 1},
                                    {"currentNumberScheduled", 1},
                                    {"updatedNumberScheduled", 1},
                                    {"numberReady", 1},
                                    {"numberAvailable", 1},
                                    {"numberMisscheduled", 0}};
}

void run_job(json::object &object) {
    const std::string time = copy(find_text(object, "metadata.creationTimestamp"));
    const std::int64_t count = find_number(object, "spec.completions", find_number(object, "spec.parallelism", 1));
    json::object complete = condition(object, "Complete", "CompletionsReached", "Reached expected number of succeeded pods");
    object["status"] =
        json::object{{"startTime", time}, {"completionTime", time}, {"succeeded", count}, {"conditions", json::array{complete}}};
}

void run_pod(json::object &object) {
    const std::string time = copy(find_text(object, "metadata.creationTimestamp"));
    json::array conditions;
    for (const char *type : {"Initialized", "Ready", "ContainersReady", "PodScheduled"})
        conditions.push_back(
            json::object{{"type", type}, {"status", "True"}, {"lastProbeTime", nullptr}, {"lastTransitionTime", time}});
    json::array containers;
    if (const json::array *wanted = find_array(object, "spec.containers"))
        for (const json::value &each : *wanted)
            containers.push_back(json::object{{"name", copy(find_text(each.as_object(), "name"))},
                                              {"image", copy(find_text(each.as_object(), "image"))},
                                              {"ready", true},
                                              {"started", true},
                                              {"restartCount", 0},
                                              {"state", json::object{{"running", json::object{{"startedAt", time}}}}}});
    json::object &status = object_in(object, "status"); // holds podIP already
    status["phase"] = "Running";
    status["hostIP"] = "192.0.2.1"; // RFC 5737: no host has it
    status["startTime"] = time;
    status["conditions"] = std::move(conditions);
    status["containerStatuses"] = std::move(containers);
}

void run_balanced(json::object &object) { // Service, Ingress
    set_default(object_in(object, "status"), "loadBalancer", json::object{});
}

void run_namespace(json::object &object) { object["status"] = json::object{{"phase", "Active"}}; }

void run_volume(json::object &object) { object["status"] = json::object{{"phase", "Available"}}; }

void run_claim(json::object &object) {
    const json::value modes = *find(object, "spec.accessModes");
    const json::value size = *find(object, "spec.resources.requests.storage");
    object["status"] = json::object{{"phase", "Bound"}, {"accessModes", modes}, {"capacity", json::object{{"storage", size}}}};
}

void run_definition(json::object &object) {
    json::array stored;
    if (const json::array *versions = find_array(object, "spec.versions"))
        for (const json::value &version : *versions)
            if (const json::value *storage = find(version.as_object(), "storage"); storage && storage->as_bool())
                stored.push_back(json::string(find_text(version.as_object(), "name")));
    if (stored.empty()) stored.push_back(json::string(find_text(object, "spec.version")));
    json::array conditions{condition(object, "NamesAccepted", "NoConflicts", "no conflicts found"),
                           condition(object, "Established", "InitialNamesAccepted", "the initial names have been accepted")};
    const json::value names = *find(object, "spec.names");
    object["status"] =
        json::object{{"acceptedNames", names}, {"conditions", std::move(conditions)}, {"storedVersions", std::move(stored)}};
}

struct Row {
    std::string_view kind; // Deployment.apps
    void (*defaults)(json::object &);
    void (*status)(json::object &);
};

constexpr Row simulated[] = {
    {"Service", default_service, run_balanced},
    {"Secret", default_secret, nullptr},
    {"Namespace", default_namespace, run_namespace},
    {"Pod", nullptr, run_pod},
    {"ReplicationController", default_replication_controller, run_replica_set},
    {"PersistentVolume", nullptr, run_volume},
    {"PersistentVolumeClaim", default_claim, run_claim},
    {"Deployment.apps", default_replicas, run_deployment},
    {"ReplicaSet.apps", default_replicas, run_replica_set},
    {"StatefulSet.apps", default_replicas, run_stateful_set},
    {"DaemonSet.apps", nullptr, run_daemon_set},
    {"Job.batch", nullptr, run_job},
    {"Ingress.networking.k8s.io", nullptr, run_balanced},
    {"RoleBinding.rbac.authorization.k8s.io", default_binding, nullptr},
    {"ClusterRoleBinding.rbac.authorization.k8s.io", default_binding, nullptr},
    {"CustomResourceDefinition.apiextensions.k8s.io", default_definition, run_definition},
};

const Row *find_row(const Kind &kind) {
    const std::string qualified = kind.qualified();
    for (const Row &row : simulated)
        if (row.kind == qualified) return &row;
    return nullptr;
}

} // namespace

void fill_defaults(json::object &object, const Kind &kind) {
    if (const Row *row = find_row(kind); row && row->defaults) row->defaults(object);
}

bool writes_status(const Kind &kind) {
    const Row *row = find_row(kind);
    return row && row->status;
}

void fill_status(json::object &object, const Kind &kind) {
    if (const Row *row = find_row(kind); row && row->status) row->status(object);
}

} // namespace rsf::dryrun::simulator
