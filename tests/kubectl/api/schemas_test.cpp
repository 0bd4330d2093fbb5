// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/types/schemas.hpp"

#include "kubectl/api/types/recent_definitions.hpp"
#include "support/catch.hpp"

#include <map>
#include <vector>

using namespace rsf;
using namespace rsf::kubectl;
using namespace rsf::kubectl::api;

namespace {

const json::object openapi_20 = json::parse(R"({"definitions": {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": "string"},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": "string", "format": "int-or-string"},
    "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": {"properties": {"name": {"type": "string"}, "labels": {"type": "object", "additionalProperties": {"type": "string"}}}},
    "pod": {"properties": {"apiVersion": {}, "kind": {}, "metadata": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
        "replicas": {"type": "integer"}, "probe": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString"},
        "limits": {"type": "object", "additionalProperties": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity"}},
        "ports": {"type": "array", "items": {"properties": {"port": {"type": "integer"}, "protocol": {"type": "string"}}},
            "x-kubernetes-list-map-keys": ["port", "protocol"]},
        "others": {"type": "array", "items": {"properties": {"port": {"type": "integer"}, "protocol": {"type": "string"}}}}},
        "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "Pod"}]}}})")
                                    .as_object();

json::object definition_with(std::string_view fields) {
    json::object version =
        json::parse(
            R"({"name": "v1", "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}}})")
            .as_object();
    version.at("schema").at("openAPIV3Schema").at("properties").at("spec").as_object()["properties"] = json::parse(fields);
    return {{"spec", json::object{{"versions", json::array{std::move(version)}}}}};
}

// A cluster of that minor version, as GETs see it.
struct DescribedCluster {
    std::map<std::string, json::object> answers;
    std::map<std::string, int> asked;
    std::chrono::steady_clock::time_point now{std::chrono::hours(1)};

    explicit DescribedCluster(const char *minor) {
        answers["/version"] = {{"major", "1"}, {"minor", minor}};
        answers["/openapi/v2"] = openapi_20;
    }
    std::string get(const std::string &path) {
        ++asked[path];
        const auto found = answers.find(path);
        if (found == answers.end()) throw Error(Code::not_found, "no " + path);
        return json::serialize(found->second);
    }
};

std::string fault_of(Schemas &schemas, const Schemas::Kind &kind, std::string_view object) {
    const rsf_call raw{};
    try {
        schemas.check(Call(raw), kind, json::parse(object).as_object());
        return {};
    } catch (const Error &error) {
        return error.what();
    }
}

std::string completed(Schemas &schemas, std::string_view kind, std::string_view text) {
    const rsf_call raw{};
    json::object object = json::parse(text).as_object();
    schemas.complete(Call(raw), {"v1", kind}, object);
    return json::serialize(object);
}

struct SchemaBench {
    explicit SchemaBench(const char *minor) : cluster(minor) {}
    DescribedCluster cluster;
    std::vector<std::string> warnings;
    Schemas schemas{[this](const Call &, const std::string &path) { return cluster.get(path); },
                    [this](const Call &, const std::string &text) { warnings.push_back(text); }, [this] { return cluster.now; }};
};

constexpr Schemas::Kind pod{"v1", "Pod", "pods"};
constexpr Schemas::Kind gadget{"shop.example/v1", "Gadget", "gadgets"};
constexpr const char *definition_path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.shop.example";

std::string unknown(const char *kind, const char *field) {
    return std::string("The cluster refuses it: ") + kind + " has no such field: unknown field \"" + field + "\".";
}

} // namespace

TEST_CASE("what old servers refuse in an apply is completed from their own description") {
    SchemaBench bench("20");
    struct Row {
        const char *name, *posted, *sent;
    };
    const Row rows[] = {
        {"a whole number", R"({"limits":{"cpu":1}})", R"({"limits":{"cpu":"1"}})"},
        {"a fraction", R"({"limits":{"cpu":0.5,"memory":1e9,"x":1.5e-7}})",
         R"({"limits":{"cpu":"0.5","memory":"1000000000","x":"0.00000015"}})"},
        {"a negative one", R"({"limits":{"cpu":-1}})", R"({"limits":{"cpu":"-1"}})"},
        {"what is right stays", R"({"limits":{"cpu":"1"},"replicas":3,"probe":80})",
         R"({"limits":{"cpu":"1"},"replicas":3,"probe":80})"},
        {"a port's protocol", R"({"ports":[{"port":80},{"port":81,"protocol":"UDP"},3]})",
         R"({"ports":[{"port":80,"protocol":"TCP"},{"port":81,"protocol":"UDP"},3]})"},
        {"not where it is no key", R"({"others":[{"port":80}]})", R"({"others":[{"port":80}]})"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(completed(bench.schemas, "Pod", row.posted) == row.sent);
    }
    CHECK(completed(bench.schemas, "Unknown", R"({"limits":{"cpu":1}})") == R"({"limits":{"cpu":1}})");

    SchemaBench none("20"); // nothing that could be completed: nobody is asked
    CHECK(completed(none.schemas, "Pod", R"({"limits":{"cpu":"1"},"ports":[{"port":"x","protocol":"TCP"}]})") ==
          R"({"limits":{"cpu":"1"},"ports":[{"port":"x","protocol":"TCP"}]})");
    CHECK(none.cluster.asked.empty());

    SchemaBench later("25"); // takes it as it is
    CHECK(completed(later.schemas, "Pod", R"({"limits":{"cpu":1}})") == R"({"limits":{"cpu":1}})");
    CHECK(later.cluster.asked["/openapi/v2"] == 0);
}

TEST_CASE("a new kind's fields are judged by its definition alone") {
    const rsf_call raw{};
    const auto fault_by_definition = [&](SchemaBench &bench, const char *object) -> std::string {
        try {
            bench.schemas.check_defined(Call(raw), gadget, json::parse(object).as_object());
            return {};
        } catch (const Error &error) {
            return error.what();
        }
    };
    SchemaBench bench("20");
    CHECK(fault_by_definition(bench, R"({"spec": {"colour": "red"}})").empty()); // there is no definition
    bench.cluster.answers[definition_path] = definition_with(R"({"size": {"type": "integer"}})");
    bench.schemas.forget_custom();
    CHECK(fault_by_definition(bench, R"({"metadata": {"name": "x"}, "spec": {"size": 3}})").empty());
    CHECK(fault_by_definition(bench, R"({"spec": {"colour": "red"}})") == unknown("Gadget", "spec.colour"));

    SchemaBench later("25"); // checks by itself
    later.cluster.answers[definition_path] = definition_with(R"({"size": {"type": "integer"}})");
    CHECK(fault_by_definition(later, R"({"spec": {"colour": "red"}})").empty());
}

TEST_CASE("definitions are recent for a minute, by group and kind") {
    std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
    kubectl::api::RecentDefinitions recent([&] { return now; });
    const auto definition = [](const char *spec) { return json::object{{"spec", json::parse(spec)}}; };
    recent.note(definition(R"({"group": "shop.example", "names": {"kind": "Gadget", "plural": "gadgets"}})"));
    recent.note(definition(R"({"group": "shop.example", "names": {"kind": "Widget"}})"));
    recent.note(definition(R"({"names": {"kind": "Widget", "plural": "widgets"}})"));
    recent.note(definition("3"));
    CHECK(recent.plural_of("shop.example/v1", "Gadget") == "gadgets");
    CHECK(recent.plural_of("shop.example/v2", "Gadget") == "gadgets");
    CHECK(recent.plural_of("other.example/v1", "Gadget").empty());
    CHECK(recent.plural_of("shop.example/v1", "Widget").empty());
    CHECK(recent.plural_of("v1", "Widget").empty());
    now += std::chrono::seconds(59);
    CHECK(recent.plural_of("shop.example/v1", "Gadget") == "gadgets");
    now += std::chrono::seconds(1);
    CHECK(recent.plural_of("shop.example/v1", "Gadget").empty());
}

TEST_CASE("a field that a definition gains is accepted at once, and one that it loses is refused") {
    SchemaBench bench("20");
    bench.cluster.answers[definition_path] = definition_with(R"({"size": {"type": "integer"}})");
    CHECK(fault_of(bench.schemas, gadget, R"({"metadata": {"name": "x"}, "spec": {"size": 3}})").empty());
    CHECK(fault_of(bench.schemas, gadget, R"({"spec": {"colour": "red"}})") == unknown("Gadget", "spec.colour"));

    bench.cluster.answers[definition_path] = definition_with(R"({"colour": {"type": "string"}})"); // by somebody else
    CHECK(fault_of(bench.schemas, gadget, R"({"spec": {"colour": "red"}})").empty());
    bench.cluster.answers[definition_path] = definition_with(R"({"size": {"type": "integer"}})"); // by us
    bench.schemas.forget_custom();
    CHECK(fault_of(bench.schemas, gadget, R"({"spec": {"colour": "red"}})") == unknown("Gadget", "spec.colour"));

    bench.cluster.answers[definition_path] = definition_with(R"({"colour": {"type": "string"}})");
    CHECK(fault_of(bench.schemas, gadget, R"({"spec": {"colour": "red"}})").empty());
    bench.cluster.answers[definition_path] = definition_with(R"({"size": {"type": "integer"}})");
    bench.cluster.now += std::chrono::seconds(3);
    CHECK(fault_of(bench.schemas, gadget, R"({"spec": {"colour": "red"}})") == unknown("Gadget", "spec.colour"));
    CHECK(bench.cluster.asked["/openapi/v2"] <= 2);
}

TEST_CASE("a definition says of its objects what all objects have, and may say that anything goes") {
    SchemaBench bench("20");
    bench.cluster.answers[definition_path] =
        definition_with(R"({"any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}})");
    CHECK(fault_of(bench.schemas, gadget, R"({"apiVersion": "a", "kind": "b", "spec": {"any": {"x": 1}}})").empty());
    CHECK(fault_of(bench.schemas, gadget, R"({"metadata": {"lables": {}}})") == unknown("Gadget", "metadata.lables"));
    CHECK(fault_of(bench.schemas, gadget, R"({"sepc": {}})") == unknown("Gadget", "sepc"));
    bench.cluster.answers[definition_path].at("spec").as_object()["preserveUnknownFields"] = true;
    bench.schemas.forget_custom();
    CHECK(fault_of(bench.schemas, gadget, R"({"sepc": {}})").empty());
}

TEST_CASE("a schema that the user may not read is not checked, and /openapi/v2 is not read again for every unknown field") {
    SchemaBench bench("20");
    for (int i = 0; i < 5; ++i) CHECK(fault_of(bench.schemas, pod, R"({"x": 1})") == unknown("Pod", "x"));
    CHECK(fault_of(bench.schemas, gadget, R"({"x": 1})").empty()); // neither a definition nor a description
    CHECK(bench.cluster.asked["/openapi/v2"] == 1);
    bench.cluster.answers["/openapi/v2"].at("definitions").at("pod").at("properties").as_object()["x"] = json::object{};
    bench.cluster.now += std::chrono::seconds(11);
    CHECK(fault_of(bench.schemas, pod, R"({"x": 1})").empty()); // the cluster was upgraded
    CHECK(bench.cluster.asked["/openapi/v2"] == 2);

    SchemaBench closed("20");
    closed.cluster.answers.erase("/openapi/v2");
    CHECK(fault_of(closed.schemas, pod, R"({"x": 1})").empty());
    CHECK(fault_of(closed.schemas, pod, R"({"x": 1})").empty());
    CHECK(closed.warnings == std::vector<std::string>{"Objects are not checked for unknown fields: no /openapi/v2"});
}
