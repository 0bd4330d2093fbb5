// SPDX-License-Identifier: Apache-2.0
#include "dryrun/test_cluster.hpp"
#include "support/catch.hpp"

using namespace rsf;
using namespace rsf::dryrun;

namespace {

struct Refused {
    const char *name;
    const char *object;
    const char *message; // that the answer holds
};

const Refused refused[] = {
    {"no kind", R"({"apiVersion": "v1", "metadata": {"name": "x"}})", "kind"},
    {"no apiVersion of a kind that is not built in", R"({"kind": "Widget", "metadata": {"name": "x"}})", "apiVersion"},
    {"no name", R"({"apiVersion": "v1", "kind": "ConfigMap"})", "name"},
    {"a name in upper case", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "Site"}})", "\"Site\""},
    {"a name like a flag", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "--all"}})", "--all"},
    {"a name with a slash",
     R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a/b"}})", "a/b"},
    {"a namespace that can't be one",
     R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "A.b"}})", "A.b"},
    {"a kind that is not there", R"({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "x"}})",
     "no matches for kind \"Widget\" in version \"example.com/v1\""},
    {"a version that is not there", R"({"apiVersion": "apps/v9", "kind": "Deployment", "metadata": {"name": "x"}})",
     "no matches for kind \"Deployment\" in version \"apps/v9\"; its versions here are apps/v1"},
    {"a version that is gone", R"({"apiVersion": "extensions/v1beta1", "kind": "Deployment", "metadata": {"name": "x"}})",
     "no matches for kind \"Deployment\" in version \"extensions/v1beta1\""},
    {"a kind in another's group", R"({"apiVersion": "v1", "kind": "Deployment", "metadata": {"name": "x"}})",
     "Deployment is in apps/v1"},

    {"a label that is a number", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "labels": {"a": 1}}})",
     "ConfigMap \"x\" is invalid: metadata.labels.a: Invalid value: 1: must be a string"},
    {"labels that are a list", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "labels": ["a"]}})",
     "metadata.labels: Invalid value: [\"a\"]: must be an object of strings"},
    {"a label's key with a blank",
     R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "labels": {"a b": "c"}}})",
     "metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters"},
    {"a label's prefix in upper case",
     R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "labels": {"A.b/c": "d"}}})",
     "prefix part must be a lowercase RFC 1123 subdomain"},
    {"a label's value with a blank",
     R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "labels": {"a": "b c"}}})",
     "metadata.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of"},
    {"an annotation that is a boolean",
     R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "annotations": {"a": true}}})",
     "metadata.annotations.a: Invalid value: true: must be a string"},

    {"a ConfigMap's value that is a number",
     R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"port": 80}})",
     "data.port: Invalid value: 80: must be a string"},
    {"a ConfigMap's data that is a list", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": []})",
     "data: Invalid value: []: must be an object of strings"},
    {"binary data that is not base64",
     R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "binaryData": {"a": "&"}})",
     "binaryData[a]: Invalid value: \"&\": must be base64"},
    {"a Secret's value that is not base64",
     R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {"a": "hunter2!"}})",
     "Secret \"x\" is invalid: data[a]: Invalid value: must be base64"},

    {"a Deployment without a spec", R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}})",
     "Deployment.apps \"x\" is invalid: spec: Required value"},
    {"a Deployment without selector and template",
     R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {}})",
     "[spec.selector: Required value, spec.template: Required value]"},
    {"a selector that its template does not fit",
     R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {"selector": {"matchLabels": {"a": "b"}},
         "template": {"metadata": {"labels": {"a": "c"}}, "spec": {"containers": [{"name": "m", "image": "i"}]}}}})",
     "spec.template.metadata.labels: Invalid value: {\"a\":\"c\"}: `selector` does not match template `labels`"},
    {"an empty selector",
     R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {"selector": {},
         "template": {"metadata": {"labels": {"a": "c"}}, "spec": {"containers": [{"name": "m", "image": "i"}]}}}})",
     "spec.selector: Invalid value: {}: empty selector is invalid"},
    {"replicas below none",
     R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {"replicas": -1, "selector": {"matchLabels": {"a": "c"}},
         "template": {"metadata": {"labels": {"a": "c"}}, "spec": {"containers": [{"name": "m", "image": "i"}]}}}})",
     "spec.replicas: Invalid value: -1: must be a whole number greater than or equal to 0"},
    {"replicas as a text",
     R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {"replicas": "2", "selector": {"matchLabels": {"a": "c"}},
         "template": {"metadata": {"labels": {"a": "c"}}, "spec": {"containers": [{"name": "m", "image": "i"}]}}}})",
     "spec.replicas: Invalid value: \"2\""},
    {"a pod without containers", R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": []}})",
     "spec.containers: Required value"},
    {"two containers with one name",
     R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "m", "image": "i"}, {"name": "m", "image": "j"}]}})",
     "spec.containers[1].name: Duplicate value: \"m\""},
    {"a container without an image",
     R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "m"}]}})",
     "spec.containers[0].image: Required value"},
    {"an environment value that is a number",
     R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "m", "image": "i", "env": [{"name": "A", "value": 5}]}]}})",
     "spec.containers[0].env[0].value: Invalid value: 5: must be a string"},
    {"a CronJob's pod, four levels down",
     R"({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "x"}, "spec": {"schedule": "* * * * *",
         "jobTemplate": {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"image": "i"}]}}}}}})",
     "spec.jobTemplate.spec.template.spec.containers[0].name: Required value"},
    {"a Job that restarts always",
     R"({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"},
         "spec": {"template": {"spec": {"restartPolicy": "Always", "containers": [{"name": "m", "image": "i"}]}}}})",
     "spec.template.spec.restartPolicy: Unsupported value: \"Always\": supported values: \"OnFailure\", \"Never\""},

    {"a Service without ports", R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {}})",
     "spec.ports: Required value"},
    {"a port that is none",
     R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": [{"port": 70000}]}})",
     "spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive"},
    {"a port that is a text",
     R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": [{"port": "80"}]}})",
     "spec.ports[0].port: Invalid value: \"80\""},
    {"two ports without names",
     R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}, {"port": 81}]}})",
     "[spec.ports[0].name: Required value, spec.ports[1].name: Required value]"},
    {"a type of Service that is none",
     R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"type": "Balancer", "ports": [{"port": 80}]}})",
     "spec.type: Unsupported value: \"Balancer\": supported values: \"ClusterIP\", \"NodePort\", \"LoadBalancer\", "
     "\"ExternalName\""},
    {"a node port without need",
     R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": [{"port": 80, "nodePort": 30080}]}})",
     "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"},
    {"an ExternalName without one",
     R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"type": "ExternalName"}})",
     "spec.externalName: Required value"},
    {"a Service's name that starts with a digit",
     R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "1x"}, "spec": {"ports": [{"port": 80}]}})", "1x"},

    {"a claim without a size",
     R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "x"}, "spec": {"accessModes": ["ReadWriteOnce"]}})",
     "spec.resources: Required value"},
    {"a binding to nothing",
     R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "x"}})",
     "roleRef: Required value"},
    {"an autoscaler without a limit",
     R"({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "x"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "y"}}})",
     "spec.maxReplicas: Required value"},
    {"a definition under another's name",
     R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "gadgets.example.com"},
         "spec": {"group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
                  "versions": [{"name": "v1", "served": true, "storage": true}]}})",
     "metadata.name: Invalid value: \"gadgets.example.com\": must be spec.names.plural+\".\"+spec.group"},
    {"a definition without a stored version",
     R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "widgets.example.com"},
         "spec": {"group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
                  "versions": [{"name": "v1", "served": true, "storage": false}]}})",
     "must have exactly one version marked as storage version"},
    {"a definition of a kind of Kubernetes' own",
     R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "deployments.apps"},
         "spec": {"group": "apps", "scope": "Namespaced", "names": {"plural": "deployments", "kind": "Deployment"},
                  "versions": [{"name": "v1", "served": true, "storage": true}]}})",
     "is a kind of Kubernetes' own"},
    {"metadata that is a list", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name"]})", "metadata"},
    {"a number beyond all bounds",
     R"({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "x"}, "spec": {"a": [1e999]}})",
     "holds a number that is too large"},
};

} // namespace

TEST_CASE("an invalid object is refused with the field of its fault, and changes nothing") {
    TestCluster cluster;
    for (const Refused &row : refused) {
        INFO(row.name);
        FakeCall call;
        call.verb = RSF_CREATE;
        call.object = row.object;
        const FakeAnswer answer = cluster.host().perform(call);
        CHECK(answer.code == Code::invalid);
        CHECK(answer.retry == Retry::never);
        CHECK_THAT(answer.message, ContainsSubstring(row.message));
    }
    for (const char *type : {"cm", "secrets", "pods", "services", "deployments", "crd", "pdb"})
        CHECK(cluster.names(type).empty());
}

TEST_CASE("the error has the field of each fault for programs") {
    TestCluster cluster;
    const FakeAnswer answer =
        cluster.create(parsed(R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {}})"));
    CHECK(at(answer.details, "reason") == "Invalid");
    CHECK(at(answer.details, "causes.0.field") == "spec.selector");
    CHECK(at(answer.details, "causes.0.reason") == "FieldValueRequired");
    CHECK(at(answer.details, "causes.1.field") == "spec.template");
}

TEST_CASE("the error about a Secret contains none of its values") {
    TestCluster cluster;
    const FakeAnswer answer = cluster.create(parsed(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"},
        "data": {"a": "hunter2!", "b": 12345678}, "stringData": {"c": 87654321}})"));
    CHECK(answer.code == Code::invalid);
    for (const char *secret : {"hunter2", "12345678", "87654321"}) {
        CHECK(answer.message.find(secret) == std::string::npos);
        CHECK(json::serialize(answer.details).find(secret) == std::string::npos);
    }
}

TEST_CASE("valid objects of many kinds are accepted") {
    struct Row {
        const char *name;
        const char *object;
    };
    const Row rows[] = {
        {"a ConfigMap with nothing",
         R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "creationTimestamp": null}})"},
        {"labels at their limits",
         R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a.b-c", "labels": {"example.com/A_b.c-1": "", "x": "A.b_c-1"}}})"},
        {"base64 of every length", R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"},
             "data": {"a": "", "b": "YQ==", "c": "YWI=", "d": "YWJj", "e": "YW\nJj"}})"},
        {"a headless Service",
         R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"clusterIP": "None", "selector": {"a": "b"}}})"},
        {"a Service by another name",
         R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "y"}, "spec": {"type": "ExternalName", "externalName": "example.org"}})"},
        {"a selector of expressions",
         R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {
             "selector": {"matchExpressions": [{"key": "a", "operator": "Exists"}]},
             "template": {"metadata": {"labels": {"a": "c"}}, "spec": {"containers": [{"name": "m", "image": "i", "resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}]}}}})"},
        {"an Ingress of an older version",
         R"({"apiVersion": "networking.k8s.io/v1beta1", "kind": "Ingress", "metadata": {"name": "x"}, "spec": {"rules": [{"host": "a.b"}]}})"},
        {"a definition in its old form",
         R"({"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition", "metadata": {"name": "gears.example.org"},
             "spec": {"group": "example.org", "version": "v1", "scope": "Cluster", "names": {"plural": "gears", "kind": "Gear"}}})"},
        {"a NetworkPolicy",
         R"({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "x"}, "spec": {"podSelector": {}}})"},
    };
    TestCluster cluster;
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(cluster.create(parsed(row.object)).message == "");
    }
}
