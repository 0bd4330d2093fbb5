// SPDX-License-Identifier: Apache-2.0
#include <resourcifier/kubernetes.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <set>

using namespace rsf;
using kubernetes::find_kind;

TEST_CASE("the table of kinds is in order") {
    std::set<std::string> seen;
    for (const kubernetes::Kind &kind : kubernetes::kinds) {
        INFO(kind.kind);
        CHECK(seen.insert(std::string(kind.group) + "/" + std::string(kind.kind)).second);
        CHECK(kind.singular == kubernetes::lower(kind.kind));
        CHECK(kind.plural == kubernetes::lower(kind.plural));
        CHECK(kubernetes::detail::is_version(kind.version));
        kubernetes::detail::any_version(kind, [](kubernetes::GroupVersion of) {
            CHECK(kubernetes::detail::is_version(of.version));
            return false;
        });
        CHECK(find_kind(kind.api_version(), kind.kind) == &kind);
        CHECK(find_kind(std::string(kind.plural) + "." + std::string(kind.version) + "." + std::string(kind.group)) == &kind);
    }
}

TEST_CASE("a type is read as kubectl reads it") {
    struct Row {
        const char *type;
        const char *is; // apiVersion and kind, or empty
    };
    const auto row = GENERATE(values<Row>({
        {"cm", "v1 ConfigMap"},
        {"ConfigMap", "v1 ConfigMap"},
        {"configmaps", "v1 ConfigMap"},
        {"CONFIGMAP", "v1 ConfigMap"},
        {"po", "v1 Pod"},
        {"svc", "v1 Service"},
        {"ep", "v1 Endpoints"},
        {"endpoints", "v1 Endpoints"},
        {"ns", "v1 Namespace"},
        {"quota", "v1 ResourceQuota"},
        {"deploy", "apps/v1 Deployment"},
        {"deployments.apps", "apps/v1 Deployment"},
        {"deployments.v1.apps", "apps/v1 Deployment"},
        {"Deployment.v1.apps", "apps/v1 Deployment"},
        {"DEPLOYMENT.V1.APPS", "apps/v1 Deployment"},
        {"deploy.apps", "apps/v1 Deployment"},
        {"deployments.extensions", "apps/v1 Deployment"},
        {"deployments.v1beta1.extensions", "apps/v1 Deployment"},
        {"ds.v1beta2.apps", "apps/v1 DaemonSet"},
        {"ingresses", "networking.k8s.io/v1 Ingress"},
        {"ing.extensions", "networking.k8s.io/v1 Ingress"},
        {"ingresses.networking.k8s.io", "networking.k8s.io/v1 Ingress"},
        {"ingresses.v1beta1.networking.k8s.io", "networking.k8s.io/v1 Ingress"},
        {"hpa", "autoscaling/v2 HorizontalPodAutoscaler"},
        {"hpa.v2beta2.autoscaling", "autoscaling/v2 HorizontalPodAutoscaler"},
        {"cj", "batch/v1 CronJob"},
        {"crd", "apiextensions.k8s.io/v1 CustomResourceDefinition"},
        {"crds", "apiextensions.k8s.io/v1 CustomResourceDefinition"},
        {"psp", "policy/v1beta1 PodSecurityPolicy"},
        {"events", "v1 Event"},
        {"ev", "v1 Event"},
        {"events.events.k8s.io", "events.k8s.io/v1 Event"},
        {"events.v1.", "v1 Event"},
        {"pods.v1.", "v1 Pod"},
        {"pods.", "v1 Pod"},
        {"pods.v1", ""},
        {"deployments.v9.apps", ""},
        {"deployments.v1.extensions", ""},
        {"pods.apps", ""},
        {"", ""},
        {".", ""},
        {".apps", ""},
        {"widgets", ""},
        {"cm ", ""},
        {"cm,svc", ""},
        {"pod/x", ""},
        {"-o", ""},
        {"--raw=/api", ""},
        {"c\u00f6nfigmap", ""},
    }));
    INFO(row.type);
    const kubernetes::Kind *found = find_kind(row.type);
    CHECK((found ? found->api_version() + " " + std::string(found->kind) : "") == row.is);
}

TEST_CASE("a kind is found by what stands in an object, spelt exactly") {
    CHECK(find_kind("v1", "ConfigMap")->plural == "configmaps");
    CHECK(find_kind("extensions/v1beta1", "Deployment")->group == "apps");
    CHECK(find_kind("events.k8s.io/v1", "Event")->group == "events.k8s.io");
    CHECK(find_kind("v1", "Event")->group == "");
    CHECK(find_kind("apps/v1", "ConfigMap") == nullptr);
    CHECK(find_kind("v1", "configmap") == nullptr);
    CHECK(find_kind("serving.knative.dev/v1", "Service") == nullptr);
    CHECK(find_kind("", "") == nullptr);
}

namespace {

struct Write {
    const char *about;
    const char *object;
    const char *type;
    const char *name;
    const char *ns;
    const char *says; // "apiVersion kind namespace/name", or part of the error
};

std::string identity_of(const Write &write, json::object &object) {
    const kubernetes::Identity identity = kubernetes::identify(object, write.type, write.name, write.ns);
    return identity.api_version + " " + identity.kind + " " + identity.ns + "/" + identity.name;
}

} // namespace

TEST_CASE("an object's identity is its own, filled in where there is one reading") {
    const auto row = GENERATE(values<Write>({
        {"all of it is there", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"b"}})", "Pod", "r", "",
         "v1 Pod b/a"},
        {"nothing is there", R"({})", "cm", "r", "", "v1 ConfigMap /r"},
        {"null is nothing", R"({"apiVersion":null,"kind":null,"metadata":null})", "cm", "r", "", "v1 ConfigMap /r"},
        {"so is an empty text", R"({"apiVersion":"","kind":"","metadata":{"name":"","namespace":""}})", "cm", "r", "",
         "v1 ConfigMap /r"},
        {"the group from the type", R"({})", "deployments.apps", "r", "", "apps/v1 Deployment /r"},
        {"the version from the type", R"({})", "deployments.v1beta1.extensions", "r", "", "extensions/v1beta1 Deployment /r"},
        {"core, in full", R"({})", "pods.v1.", "r", "", "v1 Pod /r"},
        {"the version of several", R"({})", "hpa.v1.autoscaling", "r", "", "autoscaling/v1 HorizontalPodAutoscaler /r"},
        {"apiVersion from kind", R"({"kind":"Deployment"})", "", "r", "", "apps/v1 Deployment /r"},
        {"kind from type, apiVersion its own", R"({"apiVersion":"extensions/v1beta1"})", "deploy", "r", "",
         "extensions/v1beta1 Deployment /r"},
        {"a custom kind in full", R"({"apiVersion":"example.org/v1","kind":"Widget"})", "widgets", "r", "",
         "example.org/v1 Widget /r"},
        {"a custom kind and its group", R"({"apiVersion":"example.org/v1","kind":"Widget"})", "widgets.example.org", "r", "",
         "example.org/v1 Widget /r"},
        {"a custom kind from its full type", R"({})", "Widget.v1beta1.example.org", "r", "", "example.org/v1beta1 Widget /r"},
        {"a custom kind named like a built-in one", R"({"apiVersion":"serving.knative.dev/v1","kind":"Service"})", "Service", "r",
         "", "serving.knative.dev/v1 Service /r"},
        {"the request's namespace", R"({})", "cm", "r", "n", "v1 ConfigMap n/r"},
        {"the same namespace twice", R"({"metadata":{"namespace":"n"}})", "cm", "r", "n", "v1 ConfigMap n/r"},
        {"a cluster-wide kind has none", R"({"metadata":{"namespace":"m"}})", "ns", "r", "n", "v1 Namespace /r"},
        {"an older group of the same kind", R"({"apiVersion":"extensions/v1beta1","kind":"Deployment"})", "deployments.apps", "r",
         "", "extensions/v1beta1 Deployment /r"},
        {"RBAC names may have colons", R"({})", "clusterrole", "system:r", "",
         "rbac.authorization.k8s.io/v1 ClusterRole /system:r"},
        {"a kind that is called a list", R"({"apiVersion":"example.org/v1","kind":"AllowList","spec":{}})", "", "r", "",
         "example.org/v1 AllowList /r"},
        {"names may have dots", R"({})", "crd", "widgets.example.org", "",
         "apiextensions.k8s.io/v1 CustomResourceDefinition /widgets.example.org"},
        {"the object's name wins", R"({"metadata":{"name":"a"}})", "cm", "My Config!", "", "v1 ConfigMap /a"},
    }));
    INFO(row.about);
    json::object object = json::parse(row.object).as_object();
    CHECK(identity_of(row, object) == row.says);
    json::object again = object; // what was filled in is in the object
    CHECK(identity_of({"", "", "", "", row.ns, ""}, again) == row.says);
    CHECK(again == object);
}

TEST_CASE("an object whose identity can't be told is refused with a sentence") {
    const std::string long_name(300, 'a'), long_label(64, 'a');
    const Write rows[] = {
        {"type against kind", R"({"kind":"Pod"})", "cm", "r", "",
         R"(The resource's type is "cm", but its object's kind is "Pod": make them agree.)"},
        {"custom type against built-in kind", R"({"apiVersion":"v1","kind":"Pod"})", "widgets", "r", "",
         R"(its object's kind is "Pod")"},
        {"built-in type against custom kind", R"({"apiVersion":"example.org/v1","kind":"Widget"})", "cm", "r", "",
         R"(its object's kind is "Widget")"},
        {"type against group", R"({"apiVersion":"example.org/v1","kind":"Widget"})", "widgets.example.com", "r", "",
         R"(its object's apiVersion is "example.org/v1")"},
        {"type against version", R"({"apiVersion":"apps/v1beta1","kind":"Deployment"})", "deployments.v1.apps", "r", "",
         R"(its object's apiVersion is "apps/v1beta1")"},
        {"type against apiVersion, no kind", R"({"apiVersion":"apps/v1"})", "cm", "r", "",
         R"(is kind ConfigMap, which apiVersion "apps/v1" does not have)"},
        {"no kind, custom type", R"({})", "widgets", "r", "",
         R"(The object has no kind, and the resource's type "widgets" is not a built-in one)"},
        {"no kind, no type", R"({})", "", "r", "", "The object has no kind"},
        {"no apiVersion, custom kind", R"({"kind":"Widget"})", "widgets", "r", "",
         R"(its kind "Widget" is not a built-in one: set apiVersion.)"},
        {"no apiVersion, several", R"({})", "hpa", "r", "", R"(kind "HorizontalPodAutoscaler" has several: set apiVersion.)"},
        {"kind in the wrong case", R"({"kind":"configmap"})", "cm", "r", "", R"(its kind "configmap" is not a built-in one)"},
        {"kind not a text", R"({"kind":1})", "cm", "r", "", "kind of the object must be a string, not int64."},
        {"apiVersion not a text", R"({"apiVersion":["v1"]})", "cm", "r", "",
         "apiVersion of the object must be a string, not array."},
        {"metadata not an object", R"({"metadata":"x"})", "cm", "r", "", "metadata of the object must be an object."},
        {"name not a text", R"({"metadata":{"name":true}})", "cm", "r", "",
         "metadata.name of the object must be a string, not bool."},
        {"namespace not a text", R"({"metadata":{"namespace":{}}})", "cm", "r", "",
         "metadata.namespace of the object must be a string, not object."},
        {"no name anywhere", R"({})", "cm", "", "", "The object has no name: set metadata.name."},
        {"a name of the cluster's choosing", R"({"metadata":{"generateName":"a-"}})", "cm", "r", "", "metadata.generateName"},
        {"a list", R"({"apiVersion":"v1","kind":"List","items":[]})", "", "r", "", "The object is a list"},
        {"a list of a kind", R"({"apiVersion":"v1","kind":"PodList","items":[]})", "", "r", "", "The object is a list"},
        {"namespaces differ", R"({"metadata":{"namespace":"a"}})", "cm", "r", "b",
         R"(The object's metadata.namespace is "a", but the request is for namespace "b".)"},
        {"a name like a flag", R"({"metadata":{"name":"-o"}})", "cm", "r", "",
         R"(The name "-o" can't be that of a ConfigMap: a name can't start with '-'.)"},
        {"a custom name like a flag", R"({"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"--raw"}})", "", "r",
         "", "can't start with '-'"},
        {"a name with a slash", R"({"metadata":{"name":"a/b"}})", "role", "r", "", "has no '/' or '%'"},
        {"a name with a percent sign", R"({"metadata":{"name":"a%2fb"}})", "role", "r", "", "has no '/' or '%'"},
        {"a name that is a folder", R"({"metadata":{"name":".."}})", "role", "r", "", "is not \".\" or \"..\""},
        {"a control character", R"({"metadata":{"name":"a\nb"}})", "role", "r", "",
         R"(The name "a\nb" can't be that of a Role: a name has no control characters.)"},
        {"NUL", R"({"metadata":{"name":"a\u0000b"}})", "role", "r", "", R"("a\u0000b")"},
        {"upper case", R"({"metadata":{"name":"A"}})", "cm", "r", "", "only a-z, 0-9, '-' and '.'"},
        {"a space, from the resource's name", R"({})", "cm", "my config", "", R"(The name "my config" can't be)"},
        {"ends in a dash", R"({"metadata":{"name":"a-"}})", "cm", "r", "", "start and end with a-z or 0-9"},
        {"an empty part", R"({"metadata":{"name":"a..b"}})", "cm", "r", "", "start and end with a-z or 0-9"},
        {"a part that ends in a dash", R"({"metadata":{"name":"a-.b"}})", "cm", "r", "", "start and end with a-z or 0-9"},
        {"a Service with a dot", R"({"metadata":{"name":"a.b"}})", "svc", "r", "", "only a-z, 0-9 and '-'"},
        {"a Service with a digit first", R"({"metadata":{"name":"1a"}})", "svc", "r", "", "starts with a letter"},
        {"a long name", R"({})", "cm", long_name.c_str(), "", "1 to 253 characters"},
        {"a long Namespace", R"({})", "ns", long_label.c_str(), "", "63 characters at most"},
        {"a reference, not resolved", R"~({"metadata":{"name":"$(ref.a.metadata.name)"}})~", "cm", "r", "",
         "references are not resolved here"},
        {"a namespace like a flag", R"({})", "cm", "r", "--all", R"(The namespace "--all" can't be one)"},
        {"a namespace with a slash", R"({"metadata":{"namespace":"a/b"}})", "cm", "r", "", R"(The namespace "a/b" can't be one)"},
    };
    for (const Write &row : rows) {
        INFO(row.about);
        json::object object = json::parse(row.object).as_object();
        try {
            const std::string identity = identity_of(row, object);
            FAIL("taken as " << identity);
        } catch (const Error &error) {
            CHECK(error.code == Code::invalid);
            CHECK(error.retry == Retry::never);
            CHECK_THAT(error.what(), ContainsSubstring(row.says));
            CHECK(std::string(error.what()).back() == '.');
        }
    }
}

TEST_CASE("a long name is cut in the error, between characters") {
    std::string name;
    for (int i = 0; i < 200; ++i) name += "ü";
    json::object object;
    try {
        kubernetes::identify(object, "cm", name, "");
        FAIL("taken");
    } catch (const Error &error) {
        const std::string message = error.what();
        CHECK(message.size() < 250);
        CHECK_THAT(message, ContainsSubstring("üü\"…"));
    }
}
