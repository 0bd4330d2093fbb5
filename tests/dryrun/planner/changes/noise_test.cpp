// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <dryrun/objects/values.hpp>
#include <dryrun/planner/changes/conventions.hpp>
#include <dryrun/planner/changes/merge.hpp>
#include <dryrun/planner/changes/noise.hpp>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::objects;
using namespace rsf::dryrun::planner;

namespace {

struct Cleaned {
    const char *title, *first, *second, *result;
};

std::string canonical(const char *text) { return json::serialize(json::parse(text)); }

} // namespace

TEST_CASE("the cluster's bookkeeping is left out of what people see") {
    const Cleaned rows[] = {
        {"all of it", R"({"apiVersion": "apps/v1", "kind": "Deployment", "status": {"replicas": 1}, "metadata": {"name": "web",
             "uid": "u", "resourceVersion": "7", "generation": 2, "creationTimestamp": "t", "deletionTimestamp": "t", "selfLink": "/x",
             "deletionGracePeriodSeconds": 30, "managedFields": [{"manager": "kubectl"}], "annotations": {"a": "b",
             "kubectl.kubernetes.io/last-applied-configuration": "{}", "deployment.kubernetes.io/revision": "3"}}})",
         "", R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "annotations": {"a": "b"}}})"},
        {"an autoscaler's status",
         R"({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "x",
             "annotations": {"autoscaling.alpha.kubernetes.io/conditions": "[]", "autoscaling.alpha.kubernetes.io/current-metrics": "[]",
             "autoscaling.alpha.kubernetes.io/metrics": "[1]"}}})",
         "", R"({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "x",
             "annotations": {"autoscaling.alpha.kubernetes.io/metrics": "[1]"}}})"},
        {"maps that are left empty", R"({"kind": "X", "metadata": {"name": "x", "labels": {},
             "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}})",
         "", R"({"kind": "X", "metadata": {"name": "x"}})"},
        {"what clients say stays",
         R"({"kind": "X", "metadata": {"name": "x", "finalizers": ["f"], "ownerReferences": [{"uid": "u"}]},
             "spec": {"uid": "u", "status": "s", "generation": 1, "annotations": {}}})",
         "",
         R"({"kind": "X", "metadata": {"name": "x", "finalizers": ["f"], "ownerReferences": [{"uid": "u"}]},
             "spec": {"annotations": {}, "generation": 1, "status": "s", "uid": "u"}})"},
        {"templates", R"({"spec": {"template": {"metadata": {"creationTimestamp": null, "labels": {"a": "b"}}}, "jobTemplate":
             {"metadata": {"creationTimestamp": null}, "spec": 1}, "volumeClaimTemplates": [{"metadata": {"name": "d",
             "creationTimestamp": null}, "status": {"phase": "Pending"}}]}})",
         "",
         R"({"spec": {"jobTemplate": {"spec": 1}, "template": {"metadata": {"labels": {"a": "b"}}},
             "volumeClaimTemplates": [{"metadata": {"name": "d"}}]}})"},
        {"the order of keys",
         R"({"spec": {"z": 1, "name": "n", "a": {"name": 1, "b": 2}, "list": [{"image": "i", "name": "n", "args": []}]},
             "data": {}, "kind": "X", "metadata": {"labels": {"b": "1", "a": "1"}, "annotations": {"x": "1"}, "namespace": "s", "name": "n"},
             "apiVersion": "v1"})",
         "",
         R"({"apiVersion": "v1", "kind": "X", "metadata": {"name": "n", "namespace": "s", "annotations": {"x": "1"},
             "labels": {"a": "1", "b": "1"}}, "data": {}, "spec": {"a": {"b": 2, "name": 1}, "list": [{"name": "n", "args": [], "image": "i"}],
             "name": "n", "z": 1}})"},
        {"an object without metadata", R"({"kind": "X", "metadata": null})", "", R"({"kind": "X", "metadata": null})"},
    };
    for (const Cleaned &row : rows) {
        INFO(row.title);
        CHECK(json::serialize(without_noise(parse_object(row.first))) == canonical(row.result));
    }
}

TEST_CASE("an object with uid and creation time has been stored by an API server") {
    struct Stored {
        const char *title, *object;
        bool is_kept;
    };
    const Stored rows[] = {
        {"by an API server", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x",
             "uid": "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "creationTimestamp": "2026-01-02T03:04:05Z"}})",
         true},
        {"no kind", R"({"apiVersion": "v1", "metadata": {"uid": "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
             "creationTimestamp": "2026-01-02T03:04:05Z"}})",
         false},
        {"the shape alone", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "generation": 1}})", false},
        {"a uid of another form", R"({"apiVersion": "v1", "kind": "X", "metadata": {"uid": "17",
             "creationTimestamp": "2026-01-02T03:04:05Z"}})",
         false},
        {"a time of another form", R"({"apiVersion": "v1", "kind": "X", "metadata": {
             "uid": "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "creationTimestamp": "yesterday"}})",
         false},
        {"metadata that is none", R"({"apiVersion": "v1", "kind": "X", "metadata": "m"})", false},
        {"nothing", "{}", false},
    };
    for (const Stored &row : rows) {
        INFO(row.title);
        CHECK(is_kept_by_api_server(parse_object(row.object)) == row.is_kept);
    }
}

TEST_CASE("a status is compared where the write sets it") {
    struct Written {
        const char *title, *live, *predicted, *posted;
        bool changes;
    };
    const Written rows[] = {
        {"as it was", R"({"status": {"a": 1}})", R"({"status": {"a": 1}})", "{}", false},
        {"ignored", R"({"status": {"a": 1}})", R"({"status": {"a": 1}})", R"({"status": {"a": 2}})", false},
        {"a controller's, meanwhile", R"({"status": {"a": 1}})", R"({"status": {"a": 2}})", "{}", false},
        {"a controller's first", "{}", R"({"status": {"a": 1}})", "{}", false},
        {"stored as it was posted", R"({"status": {"a": 1}})", R"({"status": {"a": 2}})", R"({"status": {"a": 2}})", true},
        {"laid over what was there", R"({"status": {"a": 1}})", R"({"status": {"a": 1, "b": 2}})", R"({"status": {"b": 2}})",
         true},
        {"a controller's, beside what was posted", R"({"status": {"a": {"b": 1}}})", R"({"status": {"a": {"b": 2}}})",
         R"({"status": {"a": {}}})", false},
        {"posted for the first time", "{}", R"({"status": {"a": 2}})", R"({"status": {"a": 2}})", true},
        {"posted and the same", R"({"status": {"a": 1}})", R"({"status": {"a": 1}})", R"({"status": {"a": 1}})", false},
        {"gone, since it was not posted", R"({"status": {"a": 1}})", "{}", "{}", true},
        {"a word", R"({"status": "enabled"})", R"({"status": "disabled"})", R"({"status": "disabled"})", true},
        {"a mapping becomes a word", R"({"status": {}})", R"({"status": "disabled"})", "{}", true},
        {"none at all", "{}", "{}", "{}", false},
    };
    for (const Written &row : rows) {
        INFO(row.title);
        CHECK(changes_status(parse_object(row.live), parse_object(row.predicted), parse_object(row.posted)) == row.changes);
    }
}

TEST_CASE("fields that each create fills with other values are not predicted") {
    const Cleaned rows[] = {
        // predicted, posted
        {"metadata",
         R"({"kind": "ConfigMap", "metadata": {"name": "x", "uid": "u", "resourceVersion": "1", "creationTimestamp": "t",
             "generation": 1, "managedFields": [], "selfLink": "/", "namespace": "n", "labels": {}}, "status": {"a": 1}, "data": {"uid": "u"}})",
         R"({"metadata": {"name": "x", "uid": "mine"}})",
         R"({"kind": "ConfigMap", "metadata": {"name": "x", "namespace": "n", "labels": {}}, "data": {"uid": "u"}})"},
        {"a generated name", R"({"kind": "Pod", "metadata": {"name": "x-1a2b3", "generateName": "x-"}})",
         R"({"metadata": {"generateName": "x-"}})", R"({"kind": "Pod", "metadata": {"generateName": "x-"}})"},
        {"a service", R"({"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.9"],
             "type": "LoadBalancer", "healthCheckNodePort": 31000, "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"},
             {"port": 81, "nodePort": 30081, "protocol": "TCP"}]}})",
         R"({"spec": {"clusterIP": "", "ports": [{"port": 80, "nodePort": 30080}, {"port": 81, "nodePort": 0}]}})",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"type": "LoadBalancer",
             "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}, {"port": 81, "protocol": "TCP"}]}})"},
        {"a headless service",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "None", "clusterIPs": ["None"]}})",
         R"({"spec": {"clusterIP": "None"}})",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "None", "clusterIPs": ["None"]}})"},
        {"a job", R"({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"labels": {"job-name": "j", "app": "a"}},
             "spec": {"selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}}, "template": {"metadata": {"labels":
             {"batch.kubernetes.io/controller-uid": "u", "batch.kubernetes.io/job-name": "j", "controller-uid": "u", "job-name": "j"}}}}})",
         R"({"spec": {"template": {}}})",
         R"({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"labels": {"app": "a"}}, "spec": {"template": {"metadata": {}}}})"},
        {"a job with a selector", R"({"apiVersion": "batch/v1", "kind": "Job", "spec": {"manualSelector": true,
             "selector": {"matchLabels": {"job-name": "j"}}, "template": {"metadata": {"labels": {"job-name": "j"}}}}})",
         R"({"spec": {"selector": {"matchLabels": {"job-name": "j"}}, "template": {"metadata": {"labels": {"job-name": "j"}}}}})",
         R"({"apiVersion": "batch/v1", "kind": "Job", "spec": {"manualSelector": true, "selector": {"matchLabels": {"job-name": "j"}},
             "template": {"metadata": {"labels": {"job-name": "j"}}}}})"},
        {"a claim", R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"annotations":
             {"pv.kubernetes.io/bind-completed": "yes", "volume.kubernetes.io/selected-node": "n"}}, "spec": {"volumeName": "pvc-1"}})",
         R"({"metadata": {"annotations": {"volume.kubernetes.io/selected-node": "n"}}})",
         R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"annotations": {"volume.kubernetes.io/selected-node": "n"}},
             "spec": {}})"},
        {"a volume", R"({"apiVersion": "v1", "kind": "PersistentVolume", "spec": {"claimRef": {"name": "c", "uid": "u"}}})", "{}",
         R"({"apiVersion": "v1", "kind": "PersistentVolume", "spec": {}})"},
        {"a service account", R"({"apiVersion": "v1", "kind": "ServiceAccount", "secrets": [{"name": "x-token-1a2b3"}]})", "{}",
         R"({"apiVersion": "v1", "kind": "ServiceAccount"})"},
        {"a pod", R"({"apiVersion": "v1", "kind": "Pod", "spec": {"nodeName": "n", "volumes": [{"name": "kube-api-access-x7x7x"}],
             "containers": [{"name": "a", "volumeMounts": [{"name": "d"}, {"name": "kube-api-access-x7x7x"}]}]}})",
         R"({"spec": {}})",
         R"({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "volumeMounts": [{"name": "d"}]}]}})"},
        {"another group's Service", R"({"apiVersion": "serving.knative.dev/v1", "kind": "Service", "spec": {"clusterIP": "x"}})",
         "{}", R"({"apiVersion": "serving.knative.dev/v1", "kind": "Service", "spec": {"clusterIP": "x"}})"},
    };
    for (const Cleaned &row : rows) {
        INFO(row.title);
        CHECK(json::serialize(without_assigned(parse_object(row.first), parse_object(row.second))) == canonical(row.result));
    }
}

TEST_CASE("a merged replace keeps the fields that a server keeps") {
    const Cleaned rows[] = {
        // live, posted
        {"who it is",
         R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "n", "uid": "u", "resourceVersion": "7",
             "creationTimestamp": "t", "labels": {"a": "b"}}, "data": {"a": "1", "b": "1"}})",
         R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "resourceVersion": "3"}, "data": {"a": "2"}})",
         R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "resourceVersion": "7", "uid": "u", "creationTimestamp": "t",
             "namespace": "n"}, "data": {"a": "2"}})"},
        {"status", R"({"metadata": {}, "status": {"a": 1}})", R"({"metadata": {}})", R"({"metadata": {}, "status": {"a": 1}})"},
        {"a status that is posted", R"({"metadata": {}, "status": {"a": 1}})", R"({"metadata": {}, "status": {"a": 2}})",
         R"({"metadata": {}, "status": {"a": 2}})"},
        {"a service", R"({"apiVersion": "v1", "kind": "Service", "spec": {"type": "NodePort", "clusterIP": "10.0.0.1",
             "clusterIPs": ["10.0.0.1"], "ipFamilies": ["IPv4"], "ports": [{"name": "a", "port": 80, "nodePort": 30001},
             {"name": "b", "port": 81, "nodePort": 30002}, {"name": "c", "port": 82, "nodePort": 30003}]}})",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"type": "NodePort", "ports": [{"name": "a", "port": 8080},
             {"name": "b", "port": 81, "nodePort": 30003}, {"name": "c", "port": 82}, {"name": "d", "port": 83}]}})",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"type": "NodePort", "ports": [{"name": "a", "port": 8080, "nodePort": 30001},
             {"name": "b", "port": 81, "nodePort": 30003}, {"name": "c", "port": 82}, {"name": "d", "port": 83}],
             "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ipFamilies": ["IPv4"]}})"},
        {"a service that is no longer reached by node ports",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"type": "NodePort",
             "clusterIP": "10.0.0.1", "ports": [{"port": 80, "nodePort": 30001}]}})",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}]}})",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}], "clusterIP": "10.0.0.1"}})"},
        {"a service that becomes a name", R"({"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "10.0.0.1"}})",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"type": "ExternalName"}})",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"type": "ExternalName"}})"},
        {"a service with an address of its own", R"({"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "10.0.0.1",
             "clusterIPs": ["10.0.0.1"]}})",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "10.0.0.2"}})",
         R"({"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "10.0.0.2"}})"},
        {"a namespace", R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"kubernetes.io/metadata.name": "n"}},
             "spec": {"finalizers": ["kubernetes"]}})",
         R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"a": "b"}}})",
         R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"a": "b", "kubernetes.io/metadata.name": "n"}},
             "spec": {"finalizers": ["kubernetes"]}})"},
        {"a secret", R"({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"a": "b2xk", "gone": "Z29uZQ=="}})",
         R"({"apiVersion": "v1", "kind": "Secret", "data": {"b": "Yg=="}, "stringData": {"a": "new", "b": "c"}})",
         R"({"apiVersion": "v1", "kind": "Secret", "data": {"b": "Yw==", "a": "bmV3"}, "type": "Opaque"})"},
        {"a create", "{}", R"({"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "foo"}})",
         R"({"apiVersion": "v1", "kind": "Secret", "data": {"a": "Zm9v"}})"},
        {"an aggregated role", R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "rules": [1]})",
         R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "aggregationRule": {"a": 1}, "rules": []})",
         R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "aggregationRule": {"a": 1}, "rules": [1]})"},
    };
    for (const Cleaned &row : rows) {
        INFO(row.title);
        CHECK(json::serialize(merged(parse_object(row.first), parse_object(row.second))) == canonical(row.result));
    }
}

TEST_CASE("fields that controllers put back at once are no change") {
    const json::object claim = parse_object(R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c",
        "finalizers": ["kubernetes.io/pvc-protection", "example.com/mine"]}})");
    const json::object bare = parse_object(R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c"}})");
    CHECK(with_put_back(bare, claim, bare).at("metadata").at("finalizers") == json::array{"kubernetes.io/pvc-protection"});
    json::object emptied = bare;
    emptied["metadata"].as_object()["finalizers"] = json::array();
    CHECK(with_put_back(emptied, claim, emptied) == emptied); // asked for
    const json::object account =
        parse_object(R"({"apiVersion": "v1", "kind": "ServiceAccount", "secrets": [{"name": "a-token"}]})");
    const json::object posted = parse_object(R"({"apiVersion": "v1", "kind": "ServiceAccount"})");
    CHECK(with_put_back(posted, account, posted) == account);
}
