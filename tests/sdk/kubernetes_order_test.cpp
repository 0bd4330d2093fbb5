// SPDX-License-Identifier: Apache-2.0
#include <resourcifier/kubernetes.hpp>

#include "support/catch.hpp"

#include <algorithm>

using namespace rsf;

namespace {

struct Posted {
    const char *type;
    std::string object;
    std::string name = "r";
};

std::vector<Before> order(const std::vector<Posted> &posted, std::string_view ns = "") {
    std::vector<Resource> resources;
    for (const Posted &each : posted) resources.push_back({each.name, each.type, each.object});
    return kubernetes::order(ns, resources);
}

// "0<1 2<1", sorted.
std::string said(const std::vector<Before> &edges) {
    std::vector<std::string> texts;
    for (const Before &edge : edges) texts.push_back(std::to_string(edge.first) + "<" + std::to_string(edge.then));
    std::sort(texts.begin(), texts.end());
    std::string all;
    for (const std::string &text : texts) all += (all.empty() ? "" : " ") + text;
    return all;
}

std::string definition(const char *scope) {
    return std::string(
               R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.org"},
        "spec":{"group":"example.org","scope":")") +
           scope + R"(","names":{"kind":"Widget","plural":"widgets","singular":"widget","shortNames":["wd"]}}})";
}

constexpr const char *in_a = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"a"}})";
constexpr const char *namespace_a = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}})";
constexpr const char *hook =
    R"({"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"h"}})";
constexpr const char *old_hook =
    R"({"apiVersion":"admissionregistration.k8s.io/v1beta1","kind":"MutatingWebhookConfiguration","metadata":{"name":"h"}})";
constexpr const char *plain = R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"other"}})";
constexpr const char *widget = R"({"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"x"}})";

} // namespace

TEST_CASE("what a cluster needs first comes first") {
    struct Row {
        const char *about;
        std::vector<Posted> posted;
        std::string ns;
        const char *edges;
    };
    const Row rows[] = {
        {"a Namespace before what is in it", {{"cm", in_a}, {"ns", namespace_a}}, "", "1<0"},
        {"not before what is elsewhere", {{"cm", in_a}, {"ns", R"({"metadata":{"name":"b"}})"}}, "", ""},
        {"the request's namespace", {{"ns", R"({"metadata":{"name":"a"}})"}, {"cm", "{}"}}, "a", "0<1"},
        {"the default namespace", {{"ns", R"({"metadata":{"name":"default"}})"}, {"cm", "{}"}}, "", "0<1"},
        {"a Namespace named by its resource", {{"ns", "{}", "a"}, {"cm", in_a}}, "", "0<1"},
        {"a name that is a reference, the same in both",
         {{"ns", R"~({"metadata":{"name":"$(ref.c.data.ns)"}})~"}, {"cm", R"~({"metadata":{"namespace":"$(ref.c.data.ns)"}})~"}},
         "",
         "0<1"},
        {"not before what is cluster-wide",
         {{"ns", namespace_a}, {"pv", R"({"metadata":{"namespace":"a"}})"}, {"ns", R"({"metadata":{"name":"b"}})"}},
         "a",
         ""},
        {"the first of two alike", {{"ns", namespace_a}, {"ns", namespace_a}, {"cm", in_a}}, "", "0<1 0<2 1<0"},
        {"a Namespace of another group is none",
         {{"x", R"({"apiVersion":"example.org/v1","kind":"Namespace","metadata":{"name":"a"}})"}, {"cm", in_a}},
         "",
         ""},
        {"a custom object in a Namespace, cluster unknown", {{"ns", namespace_a}, {"widgets", widget}}, "a", "0<1"},

        {"a definition before its objects", {{"widgets", widget}, {"crd", definition("Namespaced")}}, "", "1<0"},
        {"both needs of a custom object",
         {{"ns", namespace_a}, {"widgets", widget}, {"crd", definition("Namespaced")}},
         "a",
         "0<1 2<1"},
        {"a cluster-wide custom object is in no Namespace",
         {{"ns", namespace_a}, {"widgets", widget}, {"crd", definition("Cluster")}},
         "a",
         "2<1"},
        {"another version of the kind",
         {{"crd", definition("Cluster")}, {"", R"({"apiVersion":"example.org/v2","kind":"Widget"})"}},
         "",
         "0<1"},
        {"not another group",
         {{"crd", definition("Cluster")}, {"", R"({"apiVersion":"example.com/v1","kind":"Widget"})"}},
         "",
         ""},
        {"by type alone",
         {{"crd", definition("Cluster")},
          {"widgets", "{}"},
          {"Widget.example.org", "{}"},
          {"wd", "{}"},
          {"widget.v1.example.org", "{}"},
          {"widgets.example.com", "{}"}},
         "",
         "0<1 0<2 0<3 0<4"},

        {"a service account before its pod",
         {{"po", R"({"spec":{"serviceAccountName":"sa"}})"},
          {"sa", R"({"metadata":{"name":"sa"}})"},
          {"sa", R"({"metadata":{"name":"sa","namespace":"other"}})"}},
         "",
         "1<0"},
        {"a priority class and a runtime class before their pod",
         {{"po", R"({"spec":{"priorityClassName":"p","runtimeClassName":"q"}})"},
          {"pc", R"({"metadata":{"name":"p"}})"},
          {"runtimeclass", R"({"metadata":{"name":"q"}})"}},
         "",
         "1<0 2<0"},
        {"workloads converge",
         {{"deploy", R"({"spec":{"template":{"spec":{"serviceAccountName":"sa"}}}})"}, {"sa", R"({"metadata":{"name":"sa"}})"}},
         "",
         ""},
        {"a role before its binding",
         {{"rolebinding", R"({"roleRef":{"kind":"Role","name":"x"}})"},
          {"role", R"({"metadata":{"name":"x"}})"},
          {"rolebinding", R"({"roleRef":{"kind":"ClusterRole","name":"x"}})"},
          {"clusterrole", R"({"metadata":{"name":"x"}})"},
          {"clusterrolebinding", R"({"roleRef":{"kind":"ClusterRole","name":"x"}})"}},
         "",
         "0<2 1<0 2<0 3<2 3<4"},
    };
    for (const Row &row : rows) {
        INFO(row.about);
        CHECK(said(order(row.posted, row.ns)) == row.edges);
    }
}

TEST_CASE("of two resources that are one object each is before the other") {
    const auto object = [](const char *api_version, const char *kind, const char *metadata) {
        return std::string(R"({"apiVersion":")") + api_version + R"(","kind":")" + kind + R"(","metadata":)" + metadata + "}";
    };
    const std::string plain = object("v1", "ConfigMap", R"({"name":"x"})");
    const std::string in_default = object("v1", "ConfigMap", R"({"name":"x","namespace":"default"})");
    struct Row {
        const char *about;
        std::vector<Posted> posted;
        std::string ns;
        bool same;
    };
    const Row rows[] = {
        {"the same text", {{"cm", plain}, {"cm", plain}}, "", true},
        {"the default namespace said and meant", {{"cm", plain}, {"cm", in_default}}, "default", true},
        {"a namespace that nobody knows", {{"cm", plain}, {"cm", in_default}}, "", false},
        {"another namespace", {{"cm", plain}, {"cm", in_default}}, "shop", false},
        {"another name", {{"cm", plain}, {"cm", object("v1", "ConfigMap", R"({"name":"y"})")}}, "", false},
        {"another kind", {{"cm", plain}, {"secret", object("v1", "Secret", R"({"name":"x"})")}}, "", false},
        {"another version",
         {{"", object("apps/v1", "Deployment", R"({"name":"x"})")},
          {"", object("apps/v1beta1", "Deployment", R"({"name":"x"})")}},
         "",
         true},
        {"a former group",
         {{"", object("networking.k8s.io/v1", "Ingress", R"({"name":"x"})")},
          {"", object("extensions/v1beta1", "Ingress", R"({"name":"x"})")}},
         "",
         true},
        {"another group",
         {{"", object("v1", "Service", R"({"name":"x"})")}, {"", object("serving.knative.dev/v1", "Service", R"({"name":"x"})")}},
         "",
         false},
        {"a cluster-wide kind in namespaces",
         {{"", object("rbac.authorization.k8s.io/v1", "ClusterRole", R"({"name":"x","namespace":"a"})")},
          {"", object("rbac.authorization.k8s.io/v1", "ClusterRole", R"({"name":"x"})")}},
         "",
         true},
        {"a custom kind", {{"", widget}, {"", widget}}, "", true},
        {"a name that is the resource's", {{"cm", "{}", "x"}, {"cm", plain, "y"}}, "", true},
        {"no name at all", {{"cm", "{}", ""}, {"cm", "{}", ""}}, "", false},
        {"names that are the same reference",
         {{"cm", object("v1", "ConfigMap", R"j({"name":"$(ref.a.x)"})j")},
          {"cm", object("v1", "ConfigMap", R"j({"name":"$(ref.a.x)"})j")}},
         "",
         true},
    };
    for (const Row &row : rows) {
        INFO(row.about);
        CHECK(said(order(row.posted, row.ns)) == (row.same ? "0<1 1<0" : ""));
    }
    CHECK(said(order({{"cm", plain}, {"cm", plain}, {"cm", plain}})) == "0<1 0<2 1<0 2<0");
    const std::string cluster_widget =
        R"({"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"x","namespace":"a"}})";
    CHECK(said(order({{"", widget}, {"", cluster_widget}, {"crd", definition("Cluster")}})) == "0<1 1<0 2<0 2<1");
}

TEST_CASE("every edge says why") {
    for (const Before &edge : order({{"ns", namespace_a}, {"widgets", widget}, {"crd", definition("Namespaced")}}, "a"))
        CHECK_FALSE(edge.why.empty());
}

TEST_CASE("objects that can't be read get no edges and do no harm") {
    const char *objects[] = {
        "",
        "{",
        "[]",
        "null",
        "1",
        R"({"kind":1,"apiVersion":[],"metadata":3})",
        R"({"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1"})",
        R"({"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","spec":[]})",
        R"({"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","spec":{"names":[]}})",
        R"({"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","spec":{"names":{"kind":{},"shortNames":[1,{}]}}})",
        R"({"kind":"Pod","apiVersion":"v1","spec":3})",
        R"({"kind":"Pod","apiVersion":"v1","spec":{"serviceAccountName":3}})",
        R"({"kind":"RoleBinding","apiVersion":"rbac.authorization.k8s.io/v1","roleRef":[]})",
        "{\"kind\":\"\xff\"}"};
    for (const char *type : {"", "cm", "-x", ".", "widgets.v1.example.org"})
        for (const char *object : objects) {
            INFO(type << " " << object);
            CHECK(said(order({{type, object, ""}, {"ns", namespace_a}, {"cm", in_a}})) == "1<2");
        }
    std::string deep(100'000, '[');
    CHECK(said(order({{"cm", R"({"a":)" + deep}, {"ns", namespace_a}, {"cm", in_a}})) == "1<2");
    CHECK(order({}).empty());
}

TEST_CASE("a definition of its own kind is not before itself") {
    const std::string odd = R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"x"},
        "spec":{"group":"apiextensions.k8s.io","names":{"kind":"CustomResourceDefinition","plural":"customresourcedefinitions"}}})";
    CHECK(said(order({{"crd", odd}, {"crd", odd}})) == "0<1 1<0"); // they are one object, no more
}

TEST_CASE("the answer grows with the resources, not with their square") {
    std::vector<Posted> posted;
    for (int i = 0; i < 2000; ++i) {
        posted.push_back({"ns", namespace_a});
        posted.push_back({"crd", definition("Namespaced")});
        posted.push_back({"widgets", widget});
    }
    CHECK(order(posted, "a").size() == 2 * 2000 + 3 * 2 * 1999); // what is needed, and that they are three objects
}

TEST_CASE("webhook configurations come after the rest, and remain after what refers to nothing of theirs") {
    struct Row {
        const char *about;
        std::vector<Posted> posted;
        const char *edges;
    };
    const std::string refers =
        R"j({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"other"},"stringData":{"a":"$(ref.hook.metadata.uid)"}})j";
    const std::string refers_on =
        R"j({"apiVersion":"v1","kind":"Secret","metadata":{"name":"$(ref.next.metadata.name)","namespace":"other"}})j";
    const std::string hook_refers =
        R"j({"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"$(ref.hook.metadata.name)-2"}})j";
    const std::string circle =
        R"j({"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"$(ref.hook.metadata.name)"}})j";
    const Row rows[] = {
        {"all before one", {{"x", hook}, {"x", plain}, {"x", widget}}, "1<0 2<0"},
        {"an older version", {{"x", old_hook}, {"x", plain}}, "1<0"},
        {"by its type alone", {{"mutatingwebhookconfigurations", "{}"}, {"x", plain}}, "1<0"},
        {"several, one after another", {{"x", hook}, {"x", plain}, {"x", old_hook}}, "0<2 1<0"},
        {"what refers to it is after it, directly or not",
         {{"x", hook, "hook"}, {"x", refers, "next"}, {"x", refers_on}, {"x", widget}},
         "3<0"},
        {"one that refers to another", {{"x", hook_refers, "two"}, {"x", hook, "hook"}, {"x", plain}}, "1<0 2<1"},
        {"one that refers to itself", {{"x", circle, "hook"}, {"x", plain}}, ""},
        {"none", {{"x", plain}, {"x", widget}}, ""},
        {"a namesake of another group",
         {{"x", R"({"apiVersion":"a.org/v1","kind":"MutatingWebhookConfiguration","metadata":{"namespace":"n"}})"}, {"x", plain}},
         ""},
    };
    for (const Row &row : rows) {
        INFO(row.about);
        CHECK(said(order(row.posted)) == row.edges);
    }
    // Many of both, which are two objects: no more edges for that than resources.
    std::vector<Posted> many;
    for (int i = 0; i < 1000; ++i) many.push_back({"x", i % 2 == 0 ? hook : plain});
    CHECK(order(many).size() == 999 + 2 * 2 * 499);
}
