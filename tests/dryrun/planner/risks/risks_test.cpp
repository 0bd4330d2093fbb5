// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <dryrun/objects/values.hpp>
#include <dryrun/planner/risks/risks.hpp>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::objects;
using namespace rsf::dryrun::planner;

namespace {

// before and after: without what every object of the row has; null: absent.
struct Row {
    const char *title, *before, *after, *paths;
};

json::object object_of(const char *type, const char *text) {
    json::object object = parse_object(text);
    const std::string_view api_version_and_kind = type;
    const auto space = api_version_and_kind.find(' ');
    object["apiVersion"] = api_version_and_kind.substr(0, space);
    object["kind"] = api_version_and_kind.substr(space + 1);
    return object;
}

json::array risks_of(const char *type, const char *before, const char *after) {
    const json::object one = before ? object_of(type, before) : json::object();
    const json::object other = after ? object_of(type, after) : json::object();
    return risks(!before ? "create" : !after ? "delete" : "update", before ? &one : nullptr, after ? &other : nullptr);
}

std::string paths_of(const json::array &found) {
    std::string paths;
    for (const json::value &risk : found) {
        CHECK(risk.at("message").as_string().size() > 20);
        paths += (paths.empty() ? "" : " ") + std::string(risk.at("path").as_string());
    }
    return paths;
}

void check(const char *type, std::initializer_list<Row> rows) {
    for (const Row &row : rows) {
        INFO(type << ": " << row.title);
        CHECK(paths_of(risks_of(type, row.before, row.after)) == row.paths);
    }
}

std::string messages_of(const json::array &found) {
    std::string messages;
    for (const json::value &risk : found)
        messages += (messages.empty() ? "" : " | ") + std::string(risk.at("message").as_string());
    return messages;
}

std::string pod(const std::string &spec) { return R"({"spec": {"template": {"spec": )" + spec + "}}}"; }

} // namespace

TEST_CASE("a delete that deletes other objects or data is a risk") {
    struct Delete {
        const char *type, *message;
    };
    const Delete rows[] = {
        {"v1 Namespace", "Everything in the namespace is deleted with it."},
        {"v1 PersistentVolumeClaim", "The data of the claim's volume may be deleted with it."},
        {"v1 PersistentVolume", "The data of the volume may be lost."},
        {"apiextensions.k8s.io/v1 CustomResourceDefinition", "All objects of this kind are deleted with it, in every namespace."},
        {"apps/v1 StatefulSet", ""},
        {"v1 ConfigMap", ""},
        {"example.com/v1 Namespace", ""},
    };
    for (const Delete &row : rows) {
        INFO(row.type);
        CHECK(messages_of(risks_of(row.type, "{}", nullptr)) == row.message);
    }
    CHECK(risks("delete", nullptr, nullptr).empty());
}

TEST_CASE("a field that did not change is no risk") {
    const char *object =
        R"({"spec": {"replicas": 0, "template": {"spec": {"hostPID": true, "containers": [{"name": "a", "image": "x",
        "securityContext": {"privileged": true, "capabilities": {"add": ["ALL"]}}}], "volumes": [{"name": "v", "hostPath": {"path": "/"}}]}}}})";
    CHECK(paths_of(risks_of("apps/v1 Deployment", object, object)).empty());
    CHECK_FALSE(risks_of("apps/v1 Deployment", nullptr, object).empty());
    const json::object after = object_of("apps/v1 Deployment", object);
    CHECK(risks("unchanged", nullptr, &after).empty());
}

TEST_CASE("a field that the cluster refuses to change is a risk") {
    for (const char *type : {"apps/v1 Deployment", "apps/v1 StatefulSet", "apps/v1 DaemonSet", "apps/v1 ReplicaSet"})
        check(type, {{"selector", R"({"spec": {"selector": {"matchLabels": {"a": "b"}}}})",
                      R"({"spec": {"selector": {"matchLabels": {"a": "b", "c": "d"}}}})", "spec.selector"},
                     {"labels", R"({"metadata": {}})", R"({"metadata": {"labels": {"a": "b"}}})", ""}});
    check(
        "apps/v1 StatefulSet",
        {{"service name and policy", R"({"spec": {"serviceName": "a", "podManagementPolicy": "Parallel"}})",
          R"({"spec": {"serviceName": "b", "podManagementPolicy": "OrderedReady"}})",
          "spec.serviceName spec.podManagementPolicy"},
         {"a default", R"({"spec": {"podManagementPolicy": "OrderedReady"}})", R"({"spec": {}})", ""},
         {"claims",
          R"({"spec": {"volumeClaimTemplates": [{"metadata": {"name": "d"}, "spec": {"resources": {"requests": {"storage": "1Gi"}},
                "volumeMode": "Filesystem"}, "status": {"phase": "Pending"}}]}})",
          R"({"spec": {"volumeClaimTemplates": [{"metadata": {"name": "d"}, "spec": {"resources": {"requests": {"storage": "2Gi"}}}}]}})",
          "spec.volumeClaimTemplates"},
         {"the same claims", R"({"spec": {"volumeClaimTemplates": [{"spec": {"resources": {"requests": {"storage": "1Gi"}},
                "volumeMode": "Filesystem"}}]}})",
          R"({"spec": {"volumeClaimTemplates": [{"spec": {"resources": {"requests": {"storage": "1024Mi"}}}}]}})", ""}});
    check("batch/v1 Job",
          {{"template", R"({"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x:1"}]}}}})",
            R"({"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x:2"}]}}}})", "spec.template"},
           {"selector left out", R"({"spec": {"selector": {"a": "b"}}})", R"({"spec": {}})", ""}});
    check("v1 Service",
          {{"address", R"({"spec": {"clusterIP": "10.0.0.1"}})", R"({"spec": {"clusterIP": "10.0.0.2"}})", "spec.clusterIP"},
           {"left out", R"({"spec": {"clusterIP": "10.0.0.1"}})", R"({"spec": {"clusterIP": ""}})", ""},
           {"a name now", R"({"spec": {"clusterIP": "10.0.0.1"}})", R"({"spec": {"type": "ExternalName"}})", ""}});
    check("v1 PersistentVolumeClaim",
          {{"grows", R"({"spec": {"resources": {"requests": {"storage": "1Gi"}}}})",
            R"({"spec": {"resources": {"requests": {"storage": "1025Mi"}}}})", ""},
           {"shrinks", R"({"spec": {"resources": {"requests": {"storage": "1Gi"}}}})",
            R"({"spec": {"resources": {"requests": {"storage": "1000Mi"}}}})", "spec.resources.requests.storage"},
           {"class", R"({"spec": {"storageClassName": "a"}})", R"({"spec": {"storageClassName": "b"}})", "spec.storageClassName"},
           {"the same limits", R"({"spec": {"resources": {"limits": {"storage": "1Gi", "cpu": "1"}}}})",
            R"({"spec": {"resources": {"limits": {"storage": "1024Mi", "cpu": "1000m"}}}})", ""},
           {"not known yet", R"({"spec": {"storageClassName": "a"}})",
            R"json({"spec": {"storageClassName": "(known after fast)"}})json", ""},
           {"bound", R"({"spec": {}})", R"({"spec": {"volumeName": "pv"}})", ""}});
    check("v1 PersistentVolume",
          {{"source", R"({"spec": {"nfs": {"path": "/a"}}})", R"({"spec": {"nfs": {"path": "/b"}}})", "spec.nfs"},
           {"another source", R"({"spec": {"nfs": {"path": "/a"}}})", R"({"spec": {"hostPath": {"path": "/b"}}})",
            "spec.nfs spec.hostPath"},
           {"size", R"({"spec": {"nfs": {}, "capacity": {"storage": "1Gi"}}})",
            R"({"spec": {"nfs": {}, "capacity": {"storage": "2Gi"}}})", ""}});
    check("storage.k8s.io/v1 StorageClass",
          {{"both", R"({"provisioner": "a", "parameters": {"a": "b"}})", R"({"provisioner": "b"})", "provisioner parameters"}});
    check("rbac.authorization.k8s.io/v1 RoleBinding",
          {{"role", R"({"roleRef": {"kind": "Role", "name": "a"}})", R"({"roleRef": {"kind": "Role", "name": "b"}})", "roleRef"},
           {"the group's default", R"({"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "name": "a"}})",
            R"({"roleRef": {"name": "a"}})", ""}});
    check("v1 Secret", {{"type", R"({"type": "Opaque"})", R"({"type": "kubernetes.io/tls"})", "type"},
                        {"no type", R"({"type": "Opaque"})", "{}", ""}});
    check("v1 ConfigMap",
          {{"sealed", R"({"immutable": true, "data": {"a": "1"}})", R"({"immutable": true, "data": {"a": "2"}})", "data"},
           {"sealed, a text like a quantity", R"({"immutable": true, "data": {"storage": "1"}})",
            R"({"immutable": true, "data": {"storage": "1000m"}})", "data"},
           {"unsealed", R"({"immutable": true})", R"({"immutable": false})", "immutable"},
           {"seals", R"({"data": {"a": "1"}})", R"({"immutable": true, "data": {"a": "2"}})", ""}});
    check("apiextensions.k8s.io/v1 CustomResourceDefinition",
          {{"scope", R"({"spec": {"scope": "Namespaced", "names": {"kind": "A", "shortNames": ["a"]}}})",
            R"({"spec": {"scope": "Cluster", "names": {"kind": "B", "shortNames": ["b"]}}})", "spec.scope spec.names.kind"}});
    check("networking.k8s.io/v1 IngressClass",
          {{"controller", R"({"spec": {"controller": "a"}})", R"({"spec": {"controller": "b"}})", "spec.controller"}});
    check("v1 Pod", {{"image", R"({"spec": {"containers": [{"name": "a", "image": "x:1"}]}})",
                      R"({"spec": {"containers": [{"name": "a", "image": "x:2"}]}})", ""},
                     {"command", R"({"spec": {"containers": [{"name": "a", "command": ["x"]}], "nodeName": "n"}})",
                      R"({"spec": {"containers": [{"name": "a", "command": ["y"]}]}})", "spec.containers"}});
    check("example.com/v1 Deployment", {{"another group", R"({"spec": {"selector": 1}})", R"({"spec": {"selector": 2}})", ""}});
}

TEST_CASE("replicas that go to zero are a risk") {
    for (const char *type : {"apps/v1 Deployment", "apps/v1 StatefulSet", "apps/v1 ReplicaSet", "v1 ReplicationController"})
        check(type, {{"from three", R"({"spec": {"replicas": 3}})", R"({"spec": {"replicas": 0}})", "spec.replicas"},
                     {"from the default", R"({"spec": {}})", R"({"spec": {"replicas": 0}})", "spec.replicas"},
                     {"on create", nullptr, R"({"spec": {"replicas": 0}})", "spec.replicas"},
                     {"before, too", R"({"spec": {"replicas": 0}})", R"({"spec": {"replicas": 0, "paused": true}})", ""},
                     {"to one", R"({"spec": {"replicas": 0}})", R"({"spec": {"replicas": 1}})", ""}});
    check("batch/v1 Job", {{"not scaled", nullptr, R"({"spec": {"replicas": 0}})", ""}});
}

TEST_CASE("a role that grants more is a risk") {
    struct Grant {
        const char *title, *before, *after, *messages;
    };
    const Grant rows[] = {
        {"a verb", R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}])",
         R"([{"verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["pods"]}])",
         "Newly grants list, watch on pods."},
        {"a resource", R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}])",
         R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["pods", "secrets"]}])", "Newly grants get on secrets."},
        {"a group", R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}])",
         R"([{"verbs": ["get"], "apiGroups": ["", "metrics.k8s.io"], "resources": ["pods"]}])", "Newly grants get on pods."},
        {"every group", R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}])",
         R"([{"verbs": ["get"], "apiGroups": ["*"], "resources": ["pods"]}])", "Newly grants get on pods of every API group."},
        {"everything", R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}])",
         R"([{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}])",
         "Newly grants every verb on every resource of every API group."},
        {"less", R"([{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}])",
         R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}])", ""},
        {"the same in other rules", R"([{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "services"]}])",
         R"([{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["services"]}, {"verbs": ["list", "get"], "apiGroups": [""], "resources": ["pods"]}])",
         ""},
        {"every name", R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"]}])",
         R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}])", "Newly grants get on secrets."},
        {"fewer names", R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a", "b"]}])",
         R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["b"]}])", ""},
        {"a subresource", R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["*/scale"]}])",
         R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["deployments/scale", "pods/exec"]}])",
         "Newly grants get on pods/exec."},
        {"URLs", R"([{"verbs": ["get"], "nonResourceURLs": ["/healthz", "/metrics/*"]}])",
         R"([{"verbs": ["get"], "nonResourceURLs": ["/healthz", "/metrics/x", "/logs"]}])", "Newly grants get on /logs."},
        {"escalation", R"([])",
         R"([{"verbs": ["bind", "escalate"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"]}])",
         "Newly grants bind, escalate on roles. A subject that may escalate, bind can gain the rights of others."},
        {"many", R"([])", R"([{"verbs": ["a", "b", "c", "d", "e", "f", "g"], "apiGroups": [""], "resources": ["x"]}])",
         "Newly grants a, b, c, d, e and 2 more on x."},
        {"a new role", nullptr, R"([{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}])", ""},
        {"a new role with everything", nullptr, R"([{"verbs": ["*"], "apiGroups": [""], "resources": ["pods"]}])",
         "Grants every verb on pods."},
        {"a new role that escalates", nullptr, R"([{"verbs": ["impersonate"], "apiGroups": [""], "resources": ["users"]}])",
         "Grants impersonate on users. A subject that may impersonate can gain the rights of others."},
    };
    for (const char *type : {"rbac.authorization.k8s.io/v1 Role", "rbac.authorization.k8s.io/v1 ClusterRole"})
        for (const Grant &row : rows) {
            INFO(row.title);
            const std::string before = std::string(R"({"rules": )") + (row.before ? row.before : "[]") + "}";
            const std::string after = std::string(R"({"rules": )") + row.after + "}";
            CHECK(messages_of(risks_of(type, row.before ? before.c_str() : nullptr, after.c_str())) == row.messages);
        }
    check("rbac.authorization.k8s.io/v1 Role",
          {{"the second rule", R"({"rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["a"]}]})",
            R"({"rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["a"]},
                                                                {"verbs": ["get"], "apiGroups": [""], "resources": ["b"]}]})",
            "rules[1]"}});
}

TEST_CASE("a binding that gives rights to admins or to unknown clients is a risk") {
    const std::string admin = R"("roleRef": {"kind": "ClusterRole", "name": "cluster-admin"})";
    const auto binding = [](const std::string &role, const std::string &subjects) {
        return "{" + role + R"(, "subjects": [)" + subjects + "]}";
    };
    const std::string ann = R"({"kind": "User", "name": "ann"})";
    const std::string bot = R"({"kind": "ServiceAccount", "namespace": "ci", "name": "bot"})";
    const std::string all = R"({"kind": "Group", "name": "system:authenticated"})";
    const std::string anybody = R"({"kind": "Group", "name": "system:unauthenticated"})";
    const std::string view = R"("roleRef": {"kind": "ClusterRole", "name": "view"})";
    struct Binding {
        std::string before, after, messages;
    };
    const Binding rows[] = {
        {"", binding(admin, ann + "," + bot),
         "Makes cluster-admin of User ann, ServiceAccount ci/bot: all rights in the whole cluster."},
        {binding(admin, ann), binding(admin, ann + "," + bot),
         "Makes ServiceAccount ci/bot cluster-admin: all rights in the whole cluster."},
        {binding(admin, ann + "," + bot), binding(admin, bot), ""},
        {"", binding(view, ann), ""},
        {binding(view, ann), binding(view, ann + "," + bot), ""},
        {binding(view, ann), binding(view, all + "," + ann), "Gives these rights to every client that has a login."},
        {"", binding(view, anybody), "Gives these rights to every client, without a login."},
        {binding(view, anybody), binding(view, anybody + "," + ann), ""},
    };
    for (const Binding &row : rows) {
        INFO(row.before << " -> " << row.after);
        CHECK(messages_of(risks_of("rbac.authorization.k8s.io/v1 ClusterRoleBinding",
                                   row.before.empty() ? nullptr : row.before.c_str(), row.after.c_str())) == row.messages);
    }
    CHECK(messages_of(risks_of("rbac.authorization.k8s.io/v1 RoleBinding", nullptr, binding(admin, ann).c_str())) ==
          "Makes cluster-admin of User ann: all rights in this namespace.");
}

TEST_CASE("a pod that gets more rights over its node is a risk") {
    const std::string nothing = R"({"containers": [{"name": "a", "image": "x:1"}]})";
    const std::string everything =
        R"({"hostNetwork": true, "hostPID": true, "hostIPC": true, "volumes": [{"name": "v", "hostPath": {"path": "/"}}],
        "initContainers": [{"name": "i", "image": "x:1", "securityContext": {"privileged": true}}],
        "containers": [{"name": "a", "image": "x:1", "securityContext": {"allowPrivilegeEscalation": true, "capabilities": {"add": ["SYS_ADMIN"]}}}]})";
    std::string expected =
        "P.hostNetwork P.hostPID P.hostIPC P.volumes[name=v].hostPath P.initContainers[name=i].securityContext.privileged "
        "P.containers[name=a].securityContext.allowPrivilegeEscalation P.containers[name=a].securityContext.capabilities.add";
    struct Kind {
        const char *type, *path;
    };
    for (const Kind &kind : {Kind{"v1 Pod", "spec"},
                             {"apps/v1 Deployment", "spec.template.spec"},
                             {"apps/v1 DaemonSet", "spec.template.spec"},
                             {"batch/v1 CronJob", "spec.jobTemplate.spec.template.spec"},
                             {"batch/v1 Job", "spec.template.spec"}}) {
        INFO(kind.type);
        std::string text = everything, wanted = expected;
        std::string path = kind.path;
        for (std::size_t at = 0; (at = wanted.find("P.", at)) != std::string::npos; at += path.size())
            wanted.replace(at, 1, path);
        for (std::size_t dot; (dot = path.rfind('.')) != std::string::npos; path.resize(dot))
            text = "{\"" + path.substr(dot + 1) + "\": " + text + "}";
        text = "{\"" + path + "\": " + text + "}";
        CHECK(paths_of(risks_of(kind.type, nullptr, text.c_str())) == wanted);
        CHECK(paths_of(risks_of(kind.type, text.c_str(), text.c_str())).empty());
    }
    const std::string with_path = R"({"volumes": [{"name": "w", "hostPath": {"path": "/"}}]})";
    const std::string more_paths =
        R"({"volumes": [{"name": "v", "hostPath": {"path": "/"}}, {"name": "x", "hostPath": {"path": "/etc"}}]})";
    CHECK(messages_of(risks_of("apps/v1 Deployment", pod(with_path).c_str(), pod(more_paths).c_str())) ==
          "The pod can access \"/etc\" of its node.");
    const std::string one = R"({"containers": [{"name": "a", "securityContext": {"capabilities": {"add": ["A"]}}}]})";
    const std::string two = R"({"containers": [{"name": "a", "securityContext": {"capabilities": {"add": ["A", "B", "C"]}}}]})";
    CHECK(messages_of(risks_of("apps/v1 Deployment", pod(one).c_str(), pod(two).c_str())) == "Adds the capabilities B, C.");
    CHECK(risks_of("apps/v1 Deployment", pod(everything).c_str(), pod(nothing).c_str()).empty());
}

TEST_CASE("an image without a fixed tag is a risk when it appears or changes") {
    struct Image {
        const char *before, *after;
        bool is_risk;
    };
    const Image rows[] = {
        {nullptr, "nginx", true},
        {nullptr, "nginx:latest", true},
        {nullptr, "registry:5000/nginx", true},
        {nullptr, "nginx:1.25", false},
        {nullptr, "registry:5000/nginx:1", false},
        {nullptr, "nginx@sha256:0123", false},
        {nullptr, "nginx:latest@sha256:0123", false},
        {nullptr, "", false},
        {nullptr, "(known after build)", false},
        {"nginx", "nginx", false},
        {"nginx:1", "nginx", true},
        {"nginx", "nginx:latest", true},
        {"nginx", "nginx:1", false},
    };
    for (const Image &row : rows) {
        INFO((row.before ? row.before : "absent") << " -> " << row.after);
        const auto with = [](const char *image) {
            return pod(R"({"containers": [{"name": "a", "image": ")" + std::string(image) + "\"}]}");
        };
        const std::string before = row.before ? with(row.before) : "", after = with(row.after);
        CHECK(paths_of(risks_of("apps/v1 Deployment", row.before ? before.c_str() : nullptr, after.c_str())) ==
              (row.is_risk ? "spec.template.spec.containers[name=a].image" : ""));
    }
}

TEST_CASE("objects of any shape can be judged for risks") {
    const char *types[] = {"v1 Pod",
                           "apps/v1 Deployment",
                           "v1 Service",
                           "v1 PersistentVolume",
                           "v1 PersistentVolumeClaim",
                           "v1 Secret",
                           "rbac.authorization.k8s.io/v1 Role",
                           "rbac.authorization.k8s.io/v1 ClusterRoleBinding",
                           "batch/v1 CronJob"};
    const char *shapes[] = {
        "{}", R"({"spec": null})", R"({"spec": [1], "rules": {"a": 1}, "subjects": 7, "roleRef": "x", "data": []})",
        R"({"spec": {"template": 1, "containers": [1, null, {}], "volumes": [[]], "ports": "x"}, "rules": [1, {"verbs": 2}], "subjects": [1]})",
        R"({"spec": {"containers": [{"securityContext": [], "image": 5}], "resources": {"requests": 5}, "nfs": 1}})"};
    for (const char *type : types)
        for (const char *before : shapes)
            for (const char *after : shapes) CHECK_NOTHROW(risks_of(type, before, after));
    const json::object empty;
    CHECK(risks("update", &empty, &empty).empty());
    CHECK(risks("failed", nullptr, nullptr).empty());
}
