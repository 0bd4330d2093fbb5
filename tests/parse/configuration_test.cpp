// SPDX-License-Identifier: Apache-2.0
#include "documents.hpp"
#include "parse/configuration.hpp"

using namespace rsf::base;
using namespace rsf::parse;
namespace json = boost::json;

namespace {

std::string problem(const std::string &body, const Limits &limits = {}) {
    const auto configuration = read_configuration(body, limits);
    return configuration ? "no error" : to_string(configuration.error());
}

} // namespace

TEST_CASE("a configuration as the manager sends it is read, YAML or JSON") {
    const std::string body = GENERATE(values<std::string>({
        "resources:\n- name: a\n  type: Service\n  properties:\n    kind: Service\n- name: b\n  type: Pod\n",
        R"({"resources": [{"name": "a", "type": "Service", "properties": {"kind": "Service"}}, {"name": "b", "type": "Pod", "properties": null}]})",
        "RESOURCES:\n- Name: a\n  TYPE: Service\n  Properties: {kind: Service}\n- name: b\n  type: Pod\n  state: {status: "
        "Created}\n",
    }));
    const auto configuration = read_configuration(body, {});
    REQUIRE(configuration.has_value());
    REQUIRE(configuration->resources.size() == 2);
    const Resource &first = configuration->resources[0];
    CHECK(first.name == "a");
    CHECK(first.type == "Service");
    CHECK(first.properties == json::object{{"kind", "Service"}});
    CHECK(first.place.pointer.ends_with("/0"));
    CHECK(first.place.line >= 1);
    CHECK(configuration->resources[1].properties.empty());
    CHECK_FALSE(configuration->resources[1].state);
}

TEST_CASE("a number or a boolean where text belongs is taken as its text") {
    const auto configuration =
        read_configuration("resources: [{name: 12, type: true}, {name: 1.5, type: 18446744073709551615}]", {});
    REQUIRE(configuration.has_value());
    CHECK(configuration->resources[0].name == "12");
    CHECK(configuration->resources[0].type == "true");
    CHECK(configuration->resources[1].name == "1.5");
    CHECK(configuration->resources[1].type == "18446744073709551615");
}

TEST_CASE("a bad configuration is refused with its place and a sentence") {
    struct Row {
        const char *name, *body, *error;
    };
    const Row row = GENERATE(values<Row>({
        {"no body", "", "The body is empty"},
        {"a list", "- a", "1:1: The body is a list"},
        {"text", "a", "The body is text"},
        {"no resources", "{}", "1:1: The configuration has no 'resources'"},
        {"empty resources", "resources: []", "1:1: 'resources' is empty"},
        {"null resources", "resources:", "'resources' is null; it must be a list."},
        {"resources that are a mapping", "resources: {a: b}", "'resources' is a mapping"},
        {"unknown key at the top", "resource: []",
         "1:1: The configuration has an unknown key 'resource' (did you mean 'resources'?)."},
        {"unknown key in a resource", "resources:\n- name: redis\n  type: Pod\n  propertys: {}",
         "4:3: Resource 'redis' (number 1) has an unknown key 'propertys' (did you mean 'properties'?)."},
        {"a key in two cases", "resources: [{name: a, type: b, Name: c}]", "has the key 'name' twice, in different case"},
        {"not a mapping", "resources:\n- a", "2:3: Resource number 1 is text"},
        {"no name", "resources:\n- type: Pod", "2:3: Resource number 1 has no name"},
        {"empty name", "resources: [{name: '', type: Pod}]", "Resource number 1 has an empty name"},
        {"no type", "resources: [{name: a}]", "Resource 'a' (number 1) has no type"},
        {"a list for a type", "resources: [{name: a, type: [b]}]", "Resource 'a' (number 1) has a type that is a list"},
        {"properties that are a list", "resources: [{name: a, type: b, properties: []}]", "has properties that are a list"},
        {"syntax", "resources: [", "The text ends inside brackets"},
    }));
    INFO(row.name);
    CHECK_THAT(problem(row.body), ContainsSubstring(row.error));
}

TEST_CASE("resources may share name and type") {
    const auto configuration = read_configuration("resources: [{name: a, type: b}, {name: a, type: c}, {name: a, type: b}]", {});
    REQUIRE(configuration);
    REQUIRE(configuration->resources.size() == 3);
    CHECK(configuration->resources[2].name == "a");
    CHECK(configuration->resources[2].type == "b");
}

TEST_CASE("several problems are reported together, each with its pointer, up to a bound") {
    const auto configuration = read_configuration("resources:\n- name: a\n- type: b\n- name: c\n  type: d\n  x: 1\n", {});
    REQUIRE_FALSE(configuration);
    const Error &error = configuration.error();
    CHECK(error.message == "The configuration has 3 problems.");
    REQUIRE(error.causes.size() == 3);
    CHECK(error.causes[2].place.pointer == "/resources/2/x");
    CHECK(error.causes[2].place.line == 6);
    std::string many = "resources:\n";
    for (int i = 0; i < 100; ++i) many += "- {}\n";
    const auto bounded = read_configuration(many, {});
    REQUIRE_FALSE(bounded);
    CHECK(bounded.error().causes.size() == 20);
    CHECK_THAT(bounded.error().message, ContainsSubstring("200 problems"));
}

TEST_CASE("more resources than the limit are refused") {
    Limits limits;
    limits.resources = 1;
    CHECK_THAT(problem("resources: [{name: a, type: b}, {name: c, type: b}]", limits),
               ContainsSubstring("2 resources, more than the 1"));
}

TEST_CASE("an answer has every resource, with its state in the original's spelling") {
    Configuration configuration;
    configuration.resources.push_back({"a", "Service", {{"k", 1}}, State{Status::created, {}, "http://x/a"}, {}});
    configuration.resources.push_back({"b", "Pod", {}, State{Status::aborted, {"No."}, {}}, {}});
    configuration.resources.push_back({"c", "Pod", {}, std::nullopt, {}});
    CHECK(
        write_json(to_value(std::move(configuration))) ==
        R"({"resources":[{"name":"a","type":"Service","properties":{"k":1},"state":{"status":"Created","selflink":"http://x/a"}},)"
        R"({"name":"b","type":"Pod","properties":{},"state":{"status":"Aborted","errors":["No."]}},{"name":"c","type":"Pod","properties":{}}]})");
}
