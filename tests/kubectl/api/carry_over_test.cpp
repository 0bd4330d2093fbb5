// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/bodies/carry_over.hpp"

#include "support/catch.hpp"

using namespace rsf;
using namespace rsf::kubectl;
using namespace rsf::kubectl::api;

namespace {

json::object from_text(std::string_view text) { return json::parse(text).as_object(); }

// {"kind", "apiVersion", ...more}
json::object of_kind(std::string_view api_version, std::string_view kind, std::string_view more) {
    json::object object = from_text(more);
    object["apiVersion"] = api_version;
    object["kind"] = kind;
    object.emplace("metadata", json::object{{"name", "x"}});
    return object;
}

struct KeptRow {
    const char *name, *api_version, *kind, *live, *posted, *kept;
};

void check_kept(const KeptRow &row) {
    INFO(row.name);
    json::object object = of_kind(row.api_version, row.kind, row.posted);
    carry_over(of_kind(row.api_version, row.kind, row.live), {"resourcifier"}, object);
    INFO(json::serialize(object));
    CHECK(json::value(object) == json::value(of_kind(row.api_version, row.kind, row.kept)));
}

} // namespace

TEST_CASE("a replace keeps what the API server assigned and the object does not mention") {
    const KeptRow rows[] = {
        {"a Service's address", "v1", "Service", R"({"spec": {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"]}})",
         R"({"spec": {}})", R"({"spec": {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"]}})"},
        {"but not over another one", "v1", "Service", R"({"spec": {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"]}})",
         R"({"spec": {"clusterIP": "None"}})", R"({"spec": {"clusterIP": "None"}})"},
        {"nor for a name elsewhere", "v1", "Service", R"({"spec": {"clusterIP": "10.0.0.7"}})",
         R"({"spec": {"type": "ExternalName", "externalName": "a.b"}})",
         R"({"spec": {"type": "ExternalName", "externalName": "a.b"}})"},
        {"its families", "v1", "Service",
         R"({"spec": {"clusterIP": "1", "ipFamilies": ["IPv6"], "ipFamilyPolicy": "SingleStack"}})",
         R"({"spec": {"clusterIP": "1"}})",
         R"({"spec": {"clusterIP": "1", "ipFamilies": ["IPv6"], "ipFamilyPolicy": "SingleStack"}})"},
        {"node ports by name", "v1", "Service",
         R"({"spec": {"ports": [{"name": "a", "port": 1, "nodePort": 31}, {"name": "b", "port": 2, "nodePort": 32}]}})",
         R"({"spec": {"type": "NodePort", "ports": [{"name": "b", "port": 2}, {"name": "a", "port": 9}]}})",
         R"({"spec": {"type": "NodePort", "ports": [{"name": "b", "port": 2, "nodePort": 32}, {"name": "a", "port": 9, "nodePort": 31}]}})"},
        {"and by number where the name is another", "v1", "Service",
         R"({"spec": {"ports": [{"port": 1, "protocol": "TCP", "nodePort": 31}]}})",
         R"({"spec": {"type": "LoadBalancer", "ports": [{"name": "web", "port": 1}, {"name": "dns", "port": 1, "protocol": "UDP"}]}})",
         R"({"spec": {"type": "LoadBalancer", "ports": [{"name": "web", "port": 1, "nodePort": 31}, {"name": "dns", "port": 1, "protocol": "UDP"}]}})"},
        {"not a node port that another port asks for", "v1", "Service",
         R"({"spec": {"ports": [{"name": "a", "port": 1, "nodePort": 31}]}})",
         R"({"spec": {"type": "NodePort", "ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2, "nodePort": 31}]}})",
         R"({"spec": {"type": "NodePort", "ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2, "nodePort": 31}]}})"},
        {"no node ports inside the cluster", "v1", "Service", R"({"spec": {"ports": [{"port": 1, "nodePort": 31}]}})",
         R"({"spec": {"type": "ClusterIP", "ports": [{"port": 1}]}})",
         R"({"spec": {"type": "ClusterIP", "ports": [{"port": 1}]}})"},
        {"the health check's port", "v1", "Service", R"({"spec": {"healthCheckNodePort": 33}})",
         R"({"spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}})",
         R"({"spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 33}})"},
        {"the same beside all else", "v1", "Service",
         R"({"spec": {"healthCheckNodePort": 33, "clusterIP": "10.1.2.3", "clusterIPs": ["10.1.2.3"], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}})",
         R"({"spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}})",
         R"({"spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 33, "clusterIP": "10.1.2.3",
             "clusterIPs": ["10.1.2.3"], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}})"},
        {"which other Services may not have", "v1", "Service", R"({"spec": {"healthCheckNodePort": 33}})",
         R"({"spec": {"type": "LoadBalancer"}})", R"({"spec": {"type": "LoadBalancer"}})"},
        {"ports that are no ports", "v1", "Service", R"({"spec": {"ports": [1, {"nodePort": "x"}, null]}})",
         R"({"spec": {"type": "NodePort", "ports": [null, {"port": {}}, {"nodePort": "x"}]}})",
         R"({"spec": {"type": "NodePort", "ports": [null, {"port": {}}, {"nodePort": "x"}]}})"},
        {"the token of an account", "v1", "ServiceAccount",
         R"({"secrets": [{"name": "mine"}, {"name": "x-token-1"}], "imagePullSecrets": [{"name": "x-dockercfg-1"}, {"name": "old"}]})",
         R"({})", R"({"secrets": [{"name": "x-token-1"}], "imagePullSecrets": [{"name": "x-dockercfg-1"}]})"},
        {"beside those that it mentions", "v1", "ServiceAccount", R"({"secrets": [{"name": "x-token-1"}]})",
         R"({"secrets": [{"name": "mine"}]})", R"({"secrets": [{"name": "mine"}, {"name": "x-token-1"}]})"},
        {"what a claim is bound to", "v1", "PersistentVolumeClaim",
         R"({"spec": {"volumeName": "pv", "storageClassName": "fast", "resources": {}}})", R"({"spec": {}})",
         R"({"spec": {"volumeName": "pv", "storageClassName": "fast"}})"},
        {"the empty class is a class", "v1", "PersistentVolumeClaim", R"({"spec": {"volumeName": "pv", "storageClassName": ""}})",
         R"({"spec": {"storageClassName": ""}})", R"({"spec": {"storageClassName": "", "volumeName": "pv"}})"},
        {"what a volume is bound to", "v1", "PersistentVolume", R"({"spec": {"claimRef": {"name": "c", "uid": "u"}}})",
         R"({"spec": {}})", R"({"spec": {"claimRef": {"name": "c", "uid": "u"}}})"},
        {"all of the claim that it names", "v1", "PersistentVolume",
         R"({"spec": {"claimRef": {"name": "c", "namespace": "n", "uid": "u", "kind": "PersistentVolumeClaim"}}})",
         R"({"spec": {"claimRef": {"name": "c", "namespace": "n"}}})",
         R"({"spec": {"claimRef": {"name": "c", "namespace": "n", "kind": "PersistentVolumeClaim", "uid": "u"}}})"},
        {"nothing of another claim", "v1", "PersistentVolume", R"({"spec": {"claimRef": {"name": "c", "uid": "u"}}})",
         R"({"spec": {"claimRef": {"name": "d"}}})", R"({"spec": {"claimRef": {"name": "d"}}})"},
        {"a Job's selector and labels", "batch/v1", "Job",
         R"({"spec": {"selector": {"matchLabels": {"controller-uid": "u"}}, "template": {"metadata": {"labels": {"controller-uid": "u", "job-name": "x", "old": "1"}}}}})",
         R"({"spec": {"template": {}}})",
         R"({"spec": {"template": {"metadata": {"labels": {"controller-uid": "u", "job-name": "x"}}}, "selector": {"matchLabels": {"controller-uid": "u"}}}})"},
        {"unless it brings its own", "batch/v1", "Job", R"({"spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {}}})",
         R"({"spec": {"manualSelector": true, "template": {}}})", R"({"spec": {"manualSelector": true, "template": {}}})"},
        {"what admission gave a Pod", "v1", "Pod",
         R"({"metadata": {"name": "x", "annotations": {"kubernetes.io/limit-ranger": "set"}}, "spec": {"nodeName": "n", "serviceAccountName": "default", "priority": 0,
             "tolerations": [{"key": "node.kubernetes.io/not-ready"}, {"key": "old"}],
             "volumes": [{"name": "default-token-1"}, {"name": "kube-api-access-1"}, {"name": "old"}], "containers": [{"name": "c", "imagePullPolicy": "Always", "env": [],
             "resources": {"limits": {"cpu": "1"}}, "volumeMounts": [{"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}, {"mountPath": "/old"}]}]}})",
         R"({"metadata": {"name": "x"}, "spec": {"tolerations": [{"key": "mine"}], "containers": [{"name": "c"}, {"name": "d"}]}})",
         R"({"metadata": {"name": "x", "annotations": {"kubernetes.io/limit-ranger": "set"}}, "spec": {"tolerations": [{"key": "mine"}, {"key": "node.kubernetes.io/not-ready"}],
             "containers": [{"name": "c", "imagePullPolicy": "Always", "volumeMounts": [{"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}],
             "resources": {"limits": {"cpu": "1"}}}, {"name": "d"}], "nodeName": "n", "serviceAccountName": "default",
             "volumes": [{"name": "default-token-1"}, {"name": "kube-api-access-1"}]}})"},
        {"the class that was chosen", "networking.k8s.io/v1", "Ingress", R"({"spec": {"ingressClassName": "nginx"}})",
         R"({"spec": {}})", R"({"spec": {"ingressClassName": "nginx"}})"},
        {"not beside the older annotation", "networking.k8s.io/v1", "Ingress", R"({"spec": {"ingressClassName": "nginx"}})",
         R"({"metadata": {"annotations": {"kubernetes.io/ingress.class": "a"}}, "spec": {}})",
         R"({"metadata": {"annotations": {"kubernetes.io/ingress.class": "a"}}, "spec": {}})"},
        {"how a node is", "v1", "Node",
         R"({"spec": {"podCIDR": "10.0.0.0/24", "taints": [{"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule"},
             {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}, {"key": "old", "effect": "NoExecute"}]}})",
         R"({"spec": {"taints": [{"key": "mine", "effect": "NoSchedule"}, {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "value": "x"}]}})",
         R"({"spec": {"taints": [{"key": "mine", "effect": "NoSchedule"}, {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "value": "x"},
             {"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule"}], "podCIDR": "10.0.0.0/24"}})"},
        {"a Namespace's finalizers", "v1", "Namespace", R"({"spec": {"finalizers": ["kubernetes"]}})", R"({"spec": {}})",
         R"({"spec": {"finalizers": ["kubernetes"]}})"},
        {"the status of a custom kind", "example.org/v1", "Widget", R"({"status": {"ready": true}})", R"({})",
         R"({"status": {"ready": true}})"},
        {"not that of a built-in one", "v1", "ConfigMap", R"({"status": {"ready": true}})", R"({})", R"({})"},
        {"nothing else", "v1", "ConfigMap", R"({"data": {"a": "b"}, "metadata": {"name": "x", "labels": {"a": "b"}}})", R"({})",
         R"({})"},
    };
    for (const KeptRow &row : rows) check_kept(row);
}

TEST_CASE("a replace keeps what controllers wrote, and what own wrote and no longer mentions goes") {
    const KeptRow rows[] = {
        {"an annotation of the control plane", "apps/v1", "Deployment",
         R"({"metadata": {"annotations": {"revision": "3", "old": "1"}, "managedFields": [
             {"manager": "kube-controller-manager", "operation": "Update", "fieldsV1": {"f:metadata": {"f:annotations": {".": {}, "f:revision": {}}}, "f:status": {"f:x": {}}}},
             {"manager": "kubectl-edit", "operation": "Update", "fieldsV1": {"f:metadata": {"f:annotations": {"f:old": {}}}}}]}, "status": {"x": 1}})",
         R"({"metadata": {}})", R"({"metadata": {"annotations": {"revision": "3"}}})"},
        {"as it is mentioned where it is", "apps/v1", "Deployment",
         R"({"metadata": {"annotations": {"revision": "3"}, "managedFields": [
             {"manager": "kube-controller-manager", "operation": "Update", "fieldsV1": {"f:metadata": {"f:annotations": {"f:revision": {}}}}}]}})",
         R"({"metadata": {"annotations": {"revision": "1"}}})", R"({"metadata": {"annotations": {"revision": "1"}}})"},
        {"replicas of an autoscaler", "apps/v1", "Deployment",
         R"({"metadata": {"managedFields": [{"manager": "kube-controller-manager", "operation": "Update", "subresource": "scale", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]},
             "spec": {"replicas": 7}})",
         R"({"metadata": {}, "spec": {}})", R"({"metadata": {}, "spec": {"replicas": 7}})"},
        {"but not its own", "apps/v1", "Deployment",
         R"({"metadata": {"managedFields": [{"manager": "resourcifier", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]}, "spec": {"replicas": 7}})",
         R"({"metadata": {}, "spec": {}})", R"({"metadata": {}, "spec": {}})"},
        {"entries of lists with keys", "v1", "Secret",
         R"({"metadata": {"managedFields": [{"manager": "kubelet", "fieldsV1": {"f:list": {"k:{\"name\":\"a\"}": {".": {}, "f:name": {}, "f:x": {}}, "k:{\"name\":\"b\"}": {"f:x": {}}}}}]},
             "list": [{"name": "a", "x": 1, "y": 2}, {"name": "b", "x": 3}]})",
         R"({"metadata": {}, "list": [{"name": "c"}, {"name": "b"}]})",
         R"({"metadata": {}, "list": [{"name": "c"}, {"name": "b", "x": 3}, {"name": "a", "x": 1}]})"},
        {"finalizers and owners of others", "v1", "ConfigMap",
         R"({"metadata": {"finalizers": ["a.org/theirs", "a.org/mine", "kubernetes.io/pvc-protection"], "ownerReferences": [{"uid": "1"}, {"uid": "2"}], "managedFields": [
             {"manager": "resourcifier", "operation": "Update", "fieldsV1": {"f:metadata": {"f:finalizers": {".": {}, "v:\"a.org/mine\"": {}, "v:\"kubernetes.io/pvc-protection\"": {}},
             "f:ownerReferences": {"k:{\"uid\":\"1\"}": {".": {}, "f:uid": {}}}}}}]}})",
         R"({"metadata": {}})",
         R"({"metadata": {"finalizers": ["a.org/theirs", "kubernetes.io/pvc-protection"], "ownerReferences": [{"uid": "2"}]}})"},
        {"unless they are mentioned", "v1", "ConfigMap", R"({"metadata": {"finalizers": ["a.org/theirs"]}})",
         R"({"metadata": {"finalizers": []}})", R"({"metadata": {"finalizers": []}})"},
        {"an injected caBundle", "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration",
         R"({"webhooks": [{"name": "a", "clientConfig": {"caBundle": "QQ=="}}, {"name": "b", "clientConfig": {"caBundle": "Qg=="}}]})",
         R"({"webhooks": [{"name": "b", "clientConfig": {}}, {"name": "a", "clientConfig": {"caBundle": "WA=="}}]})",
         R"({"webhooks": [{"name": "b", "clientConfig": {"caBundle": "Qg=="}}, {"name": "a", "clientConfig": {"caBundle": "WA=="}}]})"},
        {"not one of its own", "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration",
         R"({"metadata": {"managedFields": [{"manager": "resourcifier", "operation": "Update", "fieldsV1": {"f:webhooks": {"k:{\"name\":\"a\"}": {"f:clientConfig": {"f:caBundle": {}}}}}}]},
             "webhooks": [{"name": "a", "clientConfig": {"caBundle": "QQ=="}}]})",
         R"({"metadata": {}, "webhooks": [{"name": "a", "clientConfig": {}}]})",
         R"({"metadata": {}, "webhooks": [{"name": "a", "clientConfig": {}}]})"},
        {"that of an APIService", "apiregistration.k8s.io/v1", "APIService", R"({"spec": {"caBundle": "QQ=="}})",
         R"({"spec": {"group": "g"}})", R"({"spec": {"group": "g", "caBundle": "QQ=="}})"},
        {"that does not ask for none", "apiregistration.k8s.io/v1", "APIService", R"({"spec": {"caBundle": "QQ=="}})",
         R"({"spec": {"insecureSkipTLSVerify": true}})", R"({"spec": {"insecureSkipTLSVerify": true}})"},
        {"that of a definition's conversion", "apiextensions.k8s.io/v1", "CustomResourceDefinition",
         R"({"spec": {"conversion": {"webhook": {"clientConfig": {"caBundle": "QQ=="}}}}})",
         R"({"spec": {"conversion": {"webhook": {"clientConfig": {"url": "u"}}}}})",
         R"({"spec": {"conversion": {"webhook": {"clientConfig": {"url": "u", "caBundle": "QQ=="}}}}})"},
        {"managedFields that are none", "v1", "ConfigMap",
         R"({"metadata": {"managedFields": [1, {"manager": "kubelet"}, {"manager": "kubelet", "fieldsV1": {"f:a": 1, "k:x": {}, "v:{": {}, "": {}, "f:data": {"f:a": {"f:b": {}}}}}]}, "data": {"a": "b"}})",
         R"({"metadata": {}})", R"({"metadata": {}, "data": {"a": "b"}})"},
    };
    for (const KeptRow &row : rows) check_kept(row);
}
