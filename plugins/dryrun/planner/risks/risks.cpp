// SPDX-License-Identifier: Apache-2.0
#include "risks.hpp"
#include "risk_list.hpp"

#include <string>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

struct Sentence {
    std::string_view kind;
    const char *message;
};

constexpr Sentence deletes[] = {
    {"Namespace", "Everything in the namespace is deleted with it."},
    {"PersistentVolumeClaim", "The data of the claim's volume may be deleted with it."},
    {"PersistentVolume", "The data of the volume may be lost."},
    {"CustomResourceDefinition.apiextensions.k8s.io", "All objects of this kind are deleted with it, in every namespace."},
};

constexpr std::string_view scaled[] = {"Deployment.apps", "StatefulSet.apps", "ReplicaSet.apps", "ReplicationController"};

void add_replica_risks(RiskList &risks, std::string_view kind, const json::object *before, const json::object &after) {
    for (const std::string_view each : scaled) {
        if (each != kind || find_number(after, "spec.replicas", 1) != 0) continue;
        if (!before)
            risks.add("spec.replicas", "None of its pods will run: it is created with 0 replicas.");
        else if (find_number(*before, "spec.replicas", 1) != 0)
            risks.add("spec.replicas", "All its pods stop: replicas go to 0.");
    }
}

} // namespace

json::array risks(std::string_view action, const json::object *before, const json::object *after) {
    RiskList list;
    if (action == "delete" || (before && !after)) {
        const std::string kind = before ? qualified_kind(*before) : std::string();
        for (const Sentence &sentence : deletes)
            if (sentence.kind == kind) list.add({}, sentence.message);
    } else if (after && action != "unchanged") {
        const std::string kind = qualified_kind(*after);
        if (before) add_immutable_risks(list, kind, *before, *after);
        add_replica_risks(list, kind, before, *after);
        add_access_risks(list, kind, before, *after);
        add_pod_risks(list, kind, before, *after);
    }
    return list.take();
}

// DaemonSets and StatefulSets compare their templates as text; Deployments and ReplicaSets compare values: ControllerRevision of
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/
void add_rollout_risk(json::array &risks, std::string_view kind, const json::array &changes) {
    if (kind != "DaemonSet.apps" && kind != "StatefulSet.apps") return;
    std::string first;
    for (const json::value &change : changes) {
        const std::string_view path = change.at("path").as_string();
        if (path.substr(0, 13) != "spec.template") continue;
        if (!change.as_object().contains("note")) return; // the template changes anyway
        if (first.empty()) first = path;
    }
    if (first.empty()) return;
    RiskList list;
    list.add(first, "Its pods are replaced for this, though it is the same quantity: a " +
                        std::string(kind.substr(0, kind.find('.'))) + " acts on how it is written.");
    for (json::value &risk : list.take()) risks.push_back(std::move(risk));
}

} // namespace rsf::dryrun::planner
