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
        {"a name as kubelets make it", R"({"metadata":{"name":"node-csr-Ab_Cd"}})", "csr", "r", "",
         "certificates.k8s.io/v1 CertificateSigningRequest /node-csr-Ab_Cd"},
        {"an event of any name", R"({"metadata":{"name":"Ab_Cd"}})", "ev", "r", "n", "v1 Event n/Ab_Cd"},
        {"an event of any name, by its group", R"({"metadata":{"name":"a:b"}})", "events.events.k8s.io", "r", "n",
         "events.k8s.io/v1 Event n/a:b"},
        {"a budget of any name", R"({"metadata":{"name":"Ab_Cd"}})", "pdb", "r", "n", "policy/v1 PodDisruptionBudget n/Ab_Cd"},
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

TEST_CASE("a type that says otherwise counts for nothing") {
    struct Row {
        const char *about, *object, *type, *says;
        bool disagrees = true;
    };
    const auto row = GENERATE(values<Row>({
        {"another kind", R"({"kind":"Pod"})", "cm", "v1 Pod /r"},
        {"another kind and its version", R"({"kind":"Pod"})", "deployments.v1.apps", "v1 Pod /r"},
        {"a custom type, a built-in kind", R"({"apiVersion":"v1","kind":"Pod"})", "widgets", "v1 Pod /r"},
        {"a built-in type, a custom kind", R"({"apiVersion":"example.org/v1","kind":"Widget"})", "cm",
         "example.org/v1 Widget /r"},
        {"another custom kind", R"({"apiVersion":"example.org/v1","kind":"Widget"})", "Gadget", "example.org/v1 Widget /r"},
        {"another group", R"({"apiVersion":"example.org/v1","kind":"Widget"})", "widgets.example.com",
         "example.org/v1 Widget /r"},
        {"another version", R"({"apiVersion":"apps/v1beta1","kind":"Deployment"})", "deployments.v1.apps",
         "apps/v1beta1 Deployment /r"},
        {"the same", R"({"apiVersion":"v1","kind":"Pod"})", "po", "v1 Pod /r", false},
        {"a word that may be a custom kind's", R"({"apiVersion":"example.org/v1","kind":"Widget"})", "wd",
         "example.org/v1 Widget /r", false},
        {"a custom kind in capitals", R"({"apiVersion":"example.org/v1","kind":"Widget"})", "WIDGET", "example.org/v1 Widget /r",
         false},
        {"none", R"({"apiVersion":"v1","kind":"Pod"})", "", "v1 Pod /r", false},
    }));
    INFO(row.about);
    json::object object = json::parse(row.object).as_object();
    const kubernetes::Identity identity = kubernetes::identify(object, row.type, "r", "");
    CHECK(identity.api_version + " " + identity.kind + " " + identity.ns + "/" + identity.name == row.says);
    CHECK(identity.type_disagrees == row.disagrees);
}

TEST_CASE("an object whose identity can't be told is refused with a sentence") {
    const std::string long_name(300, 'a'), long_label(64, 'a');
    const Write rows[] = {
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
        {"items in something else", R"({"apiVersion":"v1","kind":"Foo","items":[]})", "", "r", "", "The object is a list"},
        {"items of another spelling", R"({"apiVersion":"v1","kind":"Foo","Items":[]})", "", "r", "", "The object is a list"},
        {"items with a long s", R"({"apiVersion":"v1","kind":"Foo","item\u017f":[]})", "", "r", "", "The object is a list"},
        {"items that are none", R"({"apiVersion":"v1","kind":"Foo","iTEM\u017f":null})", "", "r", "", "The object is a list"},
        {"two kinds", R"({"apiVersion":"v1","kind":"Pod","Kind":"Secret"})", "", "r", "",
         R"(The key "Kind" of the object can be read as kind)"},
        {"a kelvin sign", R"({"apiVersion":"v1","kind":"Pod","\u212aind":"Secret"})", "", "r", "", "can be read as kind"},
        {"two versions", R"({"apiVersion":"v1","apiversion":"v2","kind":"Pod"})", "", "r", "", "can be read as apiVersion"},
        {"two metadata", R"({"kind":"Pod","METADATA":{"name":"x"}})", "", "r", "", "can be read as metadata"},
        {"two names", R"({"kind":"Pod","metadata":{"name":"x","Name":"y"}})", "", "r", "",
         R"(The key "Name" of metadata can be read as name)"},
        {"two namespaces", R"({"kind":"Pod","metadata":{"name\u017fpace":"y"}})", "", "r", "", "can be read as namespace"},
        {"two uids", R"({"kind":"Pod","metadata":{"UID":"y"}})", "", "r", "", "can be read as uid"},
        {"another request", R"({"apiVersion":"v1 HTTP/1.1\r\nHost: x\r\n\r\nDELETE /x HTTP/1.1","kind":"Foo"})", "", "r", "",
         R"(The apiVersion "v1 HTTP/1.1\r\nHost: x)"},
        {"another path", R"({"apiVersion":"v1%2Fnamespaces%2Fx","kind":"Foo"})", "", "r", "", "a version has"},
        {"a query", R"({"apiVersion":"v1?x=1","kind":"Foo"})", "", "r", "", "a version has"},
        {"a path below", R"({"apiVersion":"apps/v1/deployments?watch=1","kind":"Foo"})", "", "r", "", "a version has"},
        {"a path above", R"({"apiVersion":"../v1","kind":"Foo"})", "", "r", "", "a group has"},
        {"an empty group", R"({"apiVersion":"/v1","kind":"Foo"})", "", "r", "", "a group has"},
        {"a kind with a slash", R"({"apiVersion":"v1","kind":"Foo/x"})", "", "r", "", R"(The kind "Foo/x" can't be one)"},
        {"a kind with a line end", R"({"apiVersion":"v1","kind":"Foo\r\nX: y"})", "", "r", "", "a kind has"},
        {"a cluster-wide kind in a namespace with a slash", R"({"metadata":{"namespace":"a/b"}})", "ns", "r", "",
         R"(The namespace "a/b" can't be one)"},
        {"a cluster-wide kind, and a request for a path", R"({})", "ns", "r", "../x", R"(The namespace "../x" can't be one)"},
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

TEST_CASE("a long name is whole in the error, so that the daemon finds a secret in it before it cuts") {
    const std::string name(400, 'X');
    json::object object;
    try {
        kubernetes::identify(object, "cm", name, "");
        FAIL("taken");
    } catch (const Error &error) {
        CHECK_THAT(error.what(), ContainsSubstring('"' + name + '"'));
    }
}

TEST_CASE("what can't be there is told apart from what is to be deleted") {
    struct Row {
        const char *about, *object, *type, *ns, *says; // says: the identity, or part of why there can be none
        bool can_be = false;
    };
    const auto row = GENERATE(values<Row>({
        {"a whole object", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n"}})", "Pod", "", "Pod n/a",
         true},
        {"the request's namespace", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}})", "Pod", "n", "Pod n/a", true},
        {"the same namespace twice", R"({"kind":"Pod","metadata":{"name":"a","namespace":"n"}})", "Pod", "n", "Pod n/a", true},
        {"a cluster-wide kind", R"({"kind":"Namespace","metadata":{"name":"a","namespace":"m"}})", "ns", "n", "Namespace /a",
         true},
        {"a type that disagrees", R"({"kind":"Pod","metadata":{"name":"a"}})", "cm", "", "Pod /a", true},
        {"a list", R"({"apiVersion":"v1","kind":"List","items":[]})", "List", "", "is a list"},
        {"a name of the cluster's choosing", R"({"kind":"Pod","metadata":{"generateName":"a-"}})", "Pod", "", "generateName"},
        {"no kind", "{}", "widgets", "", "has no kind"},
        {"no apiVersion", R"({"kind":"Widget"})", "Widget", "", "has no apiVersion"},
        {"a kind that is a number", R"({"kind":1})", "Pod", "", "kind of the object must be a string"},
        {"metadata that is text", R"({"kind":"Pod","metadata":"x"})", "Pod", "", "metadata of the object must be an object"},
        {"a name that can't be one", R"({"kind":"Pod","metadata":{"name":"../x"}})", "Pod", "", "has no '/'"},
        {"a name like a flag", R"({"kind":"Pod","metadata":{"name":"-x"}})", "Pod", "", "can't start with '-'"},
        {"a reference", R"j({"kind":"Pod","metadata":{"name":"$(ref.a.b)"}})j", "Pod", "", "references are not resolved"},
        {"a name that the kind's own rule forbids", R"({"kind":"Pod","metadata":{"name":"Ab_Cd:e"}})", "Pod", "n",
         "Pod n/Ab_Cd:e", true},
        {"a Service of a later release", R"({"kind":"Service","metadata":{"name":"1a"}})", "svc", "", "Service /1a", true},
        {"a namespace that can't be one", R"({"kind":"Pod","metadata":{"name":"a","namespace":"A/B"}})", "Pod", "",
         "can't be one"},
        {"a request's namespace that can't be one", R"({"kind":"Pod","metadata":{"name":"a"}})", "Pod", "A/B", "can't be one"},
    }));
    INFO(row.about);
    json::object object = json::parse(row.object).as_object();
    const kubernetes::Deletion deletion = kubernetes::identify_to_delete(object, row.type, "r", row.ns);
    REQUIRE(deletion.identity.has_value() == row.can_be);
    if (row.can_be)
        CHECK(deletion.identity->kind + " " + deletion.identity->ns + "/" + deletion.identity->name == row.says);
    else
        CHECK_THAT(deletion.why, ContainsSubstring(row.says));
}

TEST_CASE("a delete of a name that a cluster takes, but that can't be sent, is refused: it may be there") {
    for (const char *name : {"-x", "a\\nb"}) {
        INFO(name);
        json::object object =
            json::parse(R"({"kind":"Role","metadata":{"name":")" + std::string(name) + R"(","namespace":"n"}})").as_object();
        CHECK_THROWS_WITH(kubernetes::identify_to_delete(object, "Role", "r", ""), ContainsSubstring("can't be asked"));
    }
}

TEST_CASE("a delete in two namespaces at once is refused, since either may be meant") {
    json::object object = json::parse(R"({"kind":"Pod","metadata":{"name":"a","namespace":"n"}})").as_object();
    CHECK_THROWS_AS(kubernetes::identify_to_delete(object, "Pod", "r", "m"), Error);
}
