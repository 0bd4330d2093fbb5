// SPDX-License-Identifier: Apache-2.0
#include "shapes.hpp"

namespace rsf::dryrun::simulator {
namespace {

constexpr bool required = true;
constexpr bool optional = false;

// clang-format off
constexpr Rule table[] = {
    {"ConfigMap", "data", Shape::texts},
    {"ConfigMap", "binaryData", Shape::object},
    {"ConfigMap", "binaryData.*", Shape::base64},
    {"ConfigMap", "immutable", Shape::boolean},

    {"Secret", "data", Shape::object},
    {"Secret", "data.*", Shape::base64},
    {"Secret", "stringData", Shape::texts},
    {"Secret", "type", Shape::text},
    {"Secret", "immutable", Shape::boolean},

    {"Namespace", "spec", Shape::object},

    {"Service", "spec", Shape::object, required},
    {"Service", "spec.type", Shape::text, optional, "ClusterIP NodePort LoadBalancer ExternalName"},
    {"Service", "spec.clusterIP", Shape::text},
    {"Service", "spec.clusterIPs", Shape::array},
    {"Service", "spec.clusterIPs[]", Shape::text},
    {"Service", "spec.selector", Shape::texts},
    {"Service", "spec.ports", Shape::array},
    {"Service", "spec.ports[]", Shape::object},
    {"Service", "spec.ports[].port", Shape::port, required},
    {"Service", "spec.ports[].targetPort", Shape::port_name},
    {"Service", "spec.ports[].nodePort", Shape::count},
    {"Service", "spec.ports[].name", Shape::text},
    {"Service", "spec.ports[].protocol", Shape::text, optional, "TCP UDP SCTP"},
    {"Service", "spec.sessionAffinity", Shape::text, optional, "None ClientIP"},

    {"ServiceAccount", "secrets", Shape::array},
    {"ServiceAccount", "imagePullSecrets", Shape::array},

    {"Pod", "spec", Shape::object, required},

    {"ReplicationController", "spec", Shape::object, required},
    {"ReplicationController", "spec.replicas", Shape::count},
    {"ReplicationController", "spec.selector", Shape::texts},
    {"ReplicationController", "spec.template", Shape::object, required},
    {"ReplicationController", "spec.template.spec", Shape::object, required},

    {"PersistentVolume", "spec", Shape::object, required},
    {"PersistentVolume", "spec.accessModes", Shape::array, required},
    {"PersistentVolume", "spec.accessModes[]", Shape::text, optional, "ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod"},
    {"PersistentVolume", "spec.capacity", Shape::object, required},
    {"PersistentVolume", "spec.capacity.storage", Shape::quantity, required},

    {"PersistentVolumeClaim", "spec", Shape::object, required},
    {"PersistentVolumeClaim", "spec.accessModes", Shape::array, required},
    {"PersistentVolumeClaim", "spec.accessModes[]", Shape::text, optional, "ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod"},
    {"PersistentVolumeClaim", "spec.resources", Shape::object, required},
    {"PersistentVolumeClaim", "spec.resources.requests", Shape::object, required},
    {"PersistentVolumeClaim", "spec.resources.requests.storage", Shape::quantity, required},
    {"PersistentVolumeClaim", "spec.storageClassName", Shape::text},

    {"Deployment.apps", "spec", Shape::object, required},
    {"Deployment.apps", "spec.replicas", Shape::count},
    {"Deployment.apps", "spec.selector", Shape::object, required},
    {"Deployment.apps", "spec.selector.matchLabels", Shape::labels},
    {"Deployment.apps", "spec.template", Shape::object, required},
    {"Deployment.apps", "spec.template.metadata", Shape::object, required},
    {"Deployment.apps", "spec.template.spec", Shape::object, required},
    {"Deployment.apps", "spec.strategy.type", Shape::text, optional, "Recreate RollingUpdate"},

    {"ReplicaSet.apps", "spec", Shape::object, required},
    {"ReplicaSet.apps", "spec.replicas", Shape::count},
    {"ReplicaSet.apps", "spec.selector", Shape::object, required},
    {"ReplicaSet.apps", "spec.selector.matchLabels", Shape::labels},
    {"ReplicaSet.apps", "spec.template", Shape::object, required},
    {"ReplicaSet.apps", "spec.template.metadata", Shape::object, required},
    {"ReplicaSet.apps", "spec.template.spec", Shape::object, required},

    {"StatefulSet.apps", "spec", Shape::object, required},
    {"StatefulSet.apps", "spec.replicas", Shape::count},
    {"StatefulSet.apps", "spec.serviceName", Shape::text},
    {"StatefulSet.apps", "spec.selector", Shape::object, required},
    {"StatefulSet.apps", "spec.selector.matchLabels", Shape::labels},
    {"StatefulSet.apps", "spec.template", Shape::object, required},
    {"StatefulSet.apps", "spec.template.metadata", Shape::object, required},
    {"StatefulSet.apps", "spec.template.spec", Shape::object, required},
    {"StatefulSet.apps", "spec.volumeClaimTemplates", Shape::array},

    {"DaemonSet.apps", "spec", Shape::object, required},
    {"DaemonSet.apps", "spec.selector", Shape::object, required},
    {"DaemonSet.apps", "spec.selector.matchLabels", Shape::labels},
    {"DaemonSet.apps", "spec.template", Shape::object, required},
    {"DaemonSet.apps", "spec.template.metadata", Shape::object, required},
    {"DaemonSet.apps", "spec.template.spec", Shape::object, required},

    {"Job.batch", "spec", Shape::object, required},
    {"Job.batch", "spec.completions", Shape::count},
    {"Job.batch", "spec.parallelism", Shape::count},
    {"Job.batch", "spec.template", Shape::object, required},
    {"Job.batch", "spec.template.spec", Shape::object, required},
    {"Job.batch", "spec.template.spec.restartPolicy", Shape::text, required, "OnFailure Never"},

    {"CronJob.batch", "spec", Shape::object, required},
    {"CronJob.batch", "spec.schedule", Shape::name, required},
    {"CronJob.batch", "spec.suspend", Shape::boolean},
    {"CronJob.batch", "spec.jobTemplate", Shape::object, required},
    {"CronJob.batch", "spec.jobTemplate.spec", Shape::object, required},
    {"CronJob.batch", "spec.jobTemplate.spec.template", Shape::object, required},
    {"CronJob.batch", "spec.jobTemplate.spec.template.spec", Shape::object, required},
    {"CronJob.batch", "spec.jobTemplate.spec.template.spec.restartPolicy", Shape::text, required, "OnFailure Never"},

    {"HorizontalPodAutoscaler.autoscaling", "spec", Shape::object, required},
    {"HorizontalPodAutoscaler.autoscaling", "spec.maxReplicas", Shape::count, required},
    {"HorizontalPodAutoscaler.autoscaling", "spec.scaleTargetRef", Shape::object, required},
    {"HorizontalPodAutoscaler.autoscaling", "spec.scaleTargetRef.kind", Shape::name, required},
    {"HorizontalPodAutoscaler.autoscaling", "spec.scaleTargetRef.name", Shape::name, required},

    {"Ingress.networking.k8s.io", "spec", Shape::object, required},
    {"Ingress.networking.k8s.io", "spec.rules", Shape::array},
    {"Ingress.networking.k8s.io", "spec.rules[]", Shape::object},
    {"Ingress.networking.k8s.io", "spec.rules[].host", Shape::text},
    {"Ingress.networking.k8s.io", "spec.rules[].http.paths", Shape::array, required},
    {"Ingress.networking.k8s.io", "spec.rules[].http.paths[].backend", Shape::object, required},
    {"NetworkPolicy.networking.k8s.io", "spec.podSelector", Shape::object},
    {"NetworkPolicy.networking.k8s.io", "spec.ingress", Shape::array},
    {"NetworkPolicy.networking.k8s.io", "spec.egress", Shape::array},

    {"Role.rbac.authorization.k8s.io", "rules", Shape::array},
    {"Role.rbac.authorization.k8s.io", "rules[].verbs", Shape::array, required},
    {"ClusterRole.rbac.authorization.k8s.io", "rules", Shape::array},
    {"ClusterRole.rbac.authorization.k8s.io", "rules[].verbs", Shape::array, required},
    {"RoleBinding.rbac.authorization.k8s.io", "roleRef", Shape::object, required},
    {"RoleBinding.rbac.authorization.k8s.io", "roleRef.kind", Shape::text, required, "Role ClusterRole"},
    {"RoleBinding.rbac.authorization.k8s.io", "roleRef.name", Shape::name, required},
    {"RoleBinding.rbac.authorization.k8s.io", "subjects", Shape::array},
    {"RoleBinding.rbac.authorization.k8s.io", "subjects[].kind", Shape::text, required, "User Group ServiceAccount"},
    {"RoleBinding.rbac.authorization.k8s.io", "subjects[].name", Shape::name, required},
    {"ClusterRoleBinding.rbac.authorization.k8s.io", "roleRef", Shape::object, required},
    {"ClusterRoleBinding.rbac.authorization.k8s.io", "roleRef.kind", Shape::text, required, "ClusterRole"},
    {"ClusterRoleBinding.rbac.authorization.k8s.io", "roleRef.name", Shape::name, required},
    {"ClusterRoleBinding.rbac.authorization.k8s.io", "subjects", Shape::array},
    {"ClusterRoleBinding.rbac.authorization.k8s.io", "subjects[].kind", Shape::text, required, "User Group ServiceAccount"},
    {"ClusterRoleBinding.rbac.authorization.k8s.io", "subjects[].name", Shape::name, required},

    {"StorageClass.storage.k8s.io", "provisioner", Shape::name, required},
    {"StorageClass.storage.k8s.io", "parameters", Shape::texts},

    {"CustomResourceDefinition.apiextensions.k8s.io", "spec", Shape::object, required},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.group", Shape::name, required},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.scope", Shape::text, required, "Cluster Namespaced"},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.names", Shape::object, required},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.names.plural", Shape::dns_label, required},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.names.singular", Shape::text},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.names.kind", Shape::name, required},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.names.shortNames", Shape::array},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.names.shortNames[]", Shape::dns_label},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.versions", Shape::array},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.versions[]", Shape::object},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.versions[].name", Shape::dns_label, required},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.versions[].served", Shape::boolean},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.versions[].storage", Shape::boolean},
};

constexpr Rule pod_table[] = {
    {"", "containers", Shape::array, required},
    {"", "containers[]", Shape::object},
    {"", "containers[].name", Shape::dns_label, required},
    {"", "containers[].image", Shape::name, required},
    {"", "containers[].imagePullPolicy", Shape::text, optional, "Always IfNotPresent Never"},
    {"", "containers[].command", Shape::array},
    {"", "containers[].command[]", Shape::text},
    {"", "containers[].args", Shape::array},
    {"", "containers[].args[]", Shape::text},
    {"", "containers[].env", Shape::array},
    {"", "containers[].env[]", Shape::object},
    {"", "containers[].env[].name", Shape::name, required},
    {"", "containers[].env[].value", Shape::text},
    {"", "containers[].ports", Shape::array},
    {"", "containers[].ports[]", Shape::object},
    {"", "containers[].ports[].containerPort", Shape::port, required},
    {"", "containers[].ports[].protocol", Shape::text, optional, "TCP UDP SCTP"},
    {"", "containers[].volumeMounts", Shape::array},
    {"", "containers[].volumeMounts[].name", Shape::name, required},
    {"", "containers[].volumeMounts[].mountPath", Shape::name, required},
    {"", "containers[].resources", Shape::object},
    {"", "containers[].resources.limits.*", Shape::quantity},
    {"", "containers[].resources.requests.*", Shape::quantity},
    {"", "initContainers", Shape::array},
    {"", "initContainers[].name", Shape::dns_label, required},
    {"", "initContainers[].image", Shape::name, required},
    {"", "volumes", Shape::array},
    {"", "volumes[]", Shape::object},
    {"", "volumes[].name", Shape::dns_label, required},
    {"", "nodeSelector", Shape::labels},
    {"", "serviceAccountName", Shape::text},
    {"", "restartPolicy", Shape::text, optional, "Always OnFailure Never"},
};

// Not in this table: a Service's addresses (addresses.hpp), and the data of an immutable ConfigMap or Secret (validation.hpp).
constexpr Immutable immutable_table[] = {
    {"Deployment.apps", "spec.selector"},
    {"ReplicaSet.apps", "spec.selector"},
    {"DaemonSet.apps", "spec.selector"},
    {"StatefulSet.apps", "spec.selector"},
    {"StatefulSet.apps", "spec.serviceName"},
    {"StatefulSet.apps", "spec.podManagementPolicy"},
    {"Job.batch", "spec.selector"},
    {"Job.batch", "spec.template"},
    {"Secret", "type"},
    {"PersistentVolumeClaim", "spec.accessModes"},
    {"PersistentVolumeClaim", "spec.storageClassName"},
    {"PersistentVolumeClaim", "spec.volumeName"},
    {"PersistentVolumeClaim", "spec.selector"},
    {"RoleBinding.rbac.authorization.k8s.io", "roleRef"},
    {"ClusterRoleBinding.rbac.authorization.k8s.io", "roleRef"},
    {"StorageClass.storage.k8s.io", "provisioner"},
    {"StorageClass.storage.k8s.io", "parameters"},
    {"StorageClass.storage.k8s.io", "reclaimPolicy"},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.group"},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.scope"},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.names.kind"},
    {"CustomResourceDefinition.apiextensions.k8s.io", "spec.names.plural"},
};
// clang-format on

} // namespace

std::span<const Rule> shapes() { return table; }
std::span<const Rule> pod_shapes() { return pod_table; }
std::span<const Immutable> immutables() { return immutable_table; }

} // namespace rsf::dryrun::simulator
