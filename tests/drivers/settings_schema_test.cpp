// SPDX-License-Identifier: Apache-2.0
#include "drivers/schema/settings_schema.hpp"

#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace rsf::drivers::test {

namespace json = boost::json;

namespace {

json::object object(std::string_view text) {
    json::parse_options options;
    options.max_depth = 64;
    return json::parse(text, {}, options).as_object();
}

std::string checked(std::string_view schema) {
    const auto result = check_schema(object(schema));
    return result ? "good" : to_string(result.error());
}

// The settings with their defaults, or "pointer: sentence" for each cause.
std::string applied(const json::object &schema, std::string_view settings) {
    const auto result = apply_schema(schema, object(settings));
    if (result) return json::serialize(*result);
    std::string causes;
    for (const Error &cause : result.error().causes)
        causes += (causes.empty() ? "" : "\n") + cause.place.pointer + ": " + cause.message;
    return causes;
}

std::string applied(std::string_view schema, std::string_view settings) { return applied(object(schema), settings); }

// A schema with one property, a.
std::string a(const std::string &schema) { return R"({"type": "object", "properties": {"a": )" + schema + "}}"; }

const json::object kubectl = object(R"({
    "type": "object",
    "required": ["server"],
    "properties": {
        "server": {"type": "string", "pattern": "^https?://", "description": "where the cluster is"},
        "token": {"type": "string", "writeOnly": true, "minLength": 8},
        "mode": {"enum": ["fast", "slow"], "default": "fast"},
        "retries": {"type": "integer", "minimum": 0, "maximum": 9, "default": 3},
        "tls": {"type": "object", "properties": {"ca": {"type": "string"}, "verify": {"type": "boolean", "default": true},
                                                 "key": {"type": "string", "writeOnly": true}}},
        "hosts": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"}, "port": {"type": "integer", "default": 443}}}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}}
    }})");

} // namespace

TEST_CASE("schemas that use what is understood are good") {
    CHECK(checked("{}") == "good");
    CHECK(check_schema(kubectl).has_value());
    CHECK(checked(a(R"({"type": ["string", "null"], "default": null})")) == "good");
    CHECK(checked(R"({"additionalProperties": true, "required": ["anything"]})") == "good");
}

TEST_CASE("each mistake in a schema is refused with its place") {
    struct Row {
        std::string schema;
        const char *sentence;
    };
    const Row row = GENERATE(values<Row>({
        {R"({"type": "string"})", "'type' must be \"object\": settings are an object at the top"},
        {R"({"oneOf": []})", "'oneOf' is not a keyword of driver ABI 1's schemas at the top"},
        {a(R"({"typ": "string"})"), "'typ' is not a keyword of driver ABI 1's schemas (did you mean 'type'?) at /properties/a"},
        {a(R"({"type": "text"})"), "'type' must be the name of a JSON type, or several at /properties/a"},
        {a(R"({"type": []})"), "'type' must be the name of a JSON type, or several at /properties/a"},
        {a("true"), "a schema must be an object at /properties/a"},
        {R"({"properties": []})", "'properties' must be an object of schemas at the top"},
        {R"({"properties": {"a/b~c": {"x": 1}}})", "'x' is not a keyword of driver ABI 1's schemas at /properties/a~1b~0c"},
        {R"({"properties": {"a/b~c": {"items": {"additionalProperties": {"x": 1}}}}})",
         "'x' is not a keyword of driver ABI 1's schemas at /properties/a~1b~0c/items/additionalProperties"},
        {R"({"required": "a"})", "'required' must be an array of strings at the top"},
        {R"({"required": [1]})", "'required' must be an array of strings at the top"},
        {R"({"required": ["b"], "properties": {"a": {}}})", "'required' names 'b', which 'properties' does not have at the top"},
        {R"({"additionalProperties": 1})", "'additionalProperties' must be true, false or a schema at the top"},
        {R"({"additionalProperties": {"typ": 1}})",
         "'typ' is not a keyword of driver ABI 1's schemas (did you mean 'type'?) at /additionalProperties"},
        {a(R"({"items": []})"), "a schema must be an object at /properties/a/items"},
        {a(R"({"enum": []})"), "'enum' must be an array that is not empty at /properties/a"},
        {a(R"({"minimum": "1"})"), "'minimum' must be a number at /properties/a"},
        {a(R"({"maximum": null})"), "'maximum' must be a number at /properties/a"},
        {a(R"({"minLength": -1})"), "'minLength' must be a whole number from 0 on at /properties/a"},
        {a(R"({"pattern": "("})"), "'pattern' is not a regular expression of ECMAScript's: "},
        {a(R"({"pattern": 1})"), "'pattern' must be a regular expression of at most 256 bytes at /properties/a"},
        {a(R"({"description": 1})"), "'description' must be a string at /properties/a"},
        {a(R"({"writeOnly": "yes"})"), "'writeOnly' must be true or false at /properties/a"},
        {a(R"({"format": "uri"})"), "'format' must be 'target', the one format there is at /properties/a"},
        {a(R"({"type": "integer", "default": "1"})"),
         "the default does not fit its own schema ('default' must be integer, and is string) at "
         "/properties/a"},
    }));
    CAPTURE(row.schema);
    CHECK_THAT(checked(row.schema), StartsWith(row.sentence));
}

TEST_CASE("a schema that is nested too deep is refused") {
    std::string schema = "{}";
    for (int i = 0; i < 20; ++i) schema = a(schema);
    CHECK_THAT(checked(schema), StartsWith("the schema is nested more than 16 levels deep"));
}

TEST_CASE("defaults are filled in, nested ones too, where their object is there") {
    CHECK(applied(kubectl, R"({"server": "https://x"})") == R"({"server":"https://x","mode":"fast","retries":3})");
    CHECK(applied(kubectl, R"({"server": "https://x", "mode": "slow", "retries": 0, "tls": {}, "hosts": [{"name": "h"}]})") ==
          R"({"server":"https://x","mode":"slow","retries":0,"tls":{"verify":true},"hosts":[{"name":"h","port":443}]})");
    CHECK(applied(a(R"({"type": "object", "default": {}, "properties": {"b": {"default": 1}}})"), "{}") == R"({"a":{"b":1}})");
}

TEST_CASE("each setting that does not fit is refused with its pointer and a sentence") {
    struct Row {
        std::string schema;
        const char *settings;
        const char *sentence;
    };
    const Row row = GENERATE(values<Row>({
        {a(R"({"type": "string"})"), R"({"a": 1})", "/a: 'a' must be string, and is integer; put it in quotes"},
        {a(R"({"type": "string", "default": "30s"})"), R"({"a": 30})",
         R"(/a: 'a' must be string, and is integer; write it as in "30s")"},
        {a(R"({"type": "string"})"), R"({"a": false})",
         "/a: 'a' must be string, and is boolean; YAML reads y, n, yes, no, on and off as booleans: put it in quotes"},
        {a(R"({"type": "array", "items": {"type": "string"}})"), R"({"a": "x"})",
         R"(/a: 'a' must be array, and is string; write it as a list: ["x"])"},
        {a(R"({"type": "array", "writeOnly": true})"), R"({"a": "x"})",
         R"(/a: 'a' must be array, and is string; write it as a list)"},
        {a(R"({"pattern": "^/"})"), R"({"a": "x"})", R"(/a: 'a' must be an absolute path: one that begins with /, and is "x")"},
        {a(R"({"type": "string"})"), R"({"a": null})", "/a: 'a' must be string, and is null"},
        {a(R"({"type": ["string", "null"]})"), R"({"a": 1})", R"(/a: 'a' must be one of "string", "null", and is integer)"},
        {a(R"({"type": "integer"})"), R"({"a": 1.5})", "/a: 'a' must be integer, and is number"},
        {a(R"({"type": "boolean"})"), R"({"a": "true"})", "/a: 'a' must be boolean, and is string"},
        {a(R"({"enum": ["x", 1, null]})"), R"({"a": "y"})", R"(/a: 'a' must be one of "x", 1, null, and is "y")"},
        {a(R"({"minimum": 1})"), R"({"a": 0})", "/a: 'a' must be at least 1, and is 0"},
        {a(R"({"maximum": 18446744073709551614})"), R"({"a": 18446744073709551615})",
         "/a: 'a' must be at most 18446744073709551614, and is 18446744073709551615"},
        {a(R"({"minLength": 3})"), R"({"a": "üü"})", "/a: 'a' must have at least 3 characters, and has 2"},
        {a(R"({"pattern": "^[a-z]+$"})"), R"({"a": "A"})", R"(/a: 'a' does not match the pattern ^[a-z]+$, and is "A")"},
        {a("{}"), R"({"b": 1})", "/b: 'b' is not a known setting (did you mean 'a'?)"},
        {R"({"properties": {"config": {}}})", R"({"confg": "secret perhaps"})",
         "/confg: 'confg' is not a known setting (did you mean 'config'?)"},
        {R"({"required": ["a"], "properties": {"a": {}}})", "{}", ": 'a' is missing"},
        {a(R"({"type": "array", "items": {"type": "string"}})"), R"({"a": ["x", 1]})",
         "/a/1: 'a[1]' must be string, and is integer; put it in quotes"},
        {a(R"({"type": "object", "additionalProperties": {"type": "string"}})"), R"({"a": {"b/c~": 1}})",
         "/a/b~1c~0: 'a.b/c~' must be string, and is integer; put it in quotes"},
        {a(R"({"properties": {"b": {"type": "object", "required": ["c"], "properties": {"c": {}}}}})"), R"({"a": {"b": {}}})",
         "/a/b: 'a.b.c' is missing"},
    }));
    CAPTURE(row.schema, row.settings);
    REQUIRE(checked(row.schema) == "good");
    CHECK(applied(row.schema, row.settings) == row.sentence);
}

TEST_CASE("settings that fit in a way that is easily missed are taken") {
    struct Row {
        std::string schema;
        const char *settings;
    };
    const Row row = GENERATE(values<Row>({
        {a(R"({"type": "integer"})"), R"({"a":1E0})"},
        {a(R"({"type": "number"})"), R"({"a":1})"},
        {a(R"({"type": "number"})"), R"({"a":18446744073709551615})"},
        {a(R"({"minimum": 1, "minLength": 5})"), R"({"a":true})"}, // about other types, these say nothing
        {a(R"({"minLength": 2})"), R"({"a":"üü"})"},
        {a(R"({"pattern": "b"})"), R"({"a":"abc"})"}, // not anchored
        {a(R"({"enum": [18446744073709551615]})"), R"({"a":18446744073709551615})"},
        {R"({"additionalProperties": true})", R"({"anything":[{"at":"all"}]})"},
    }));
    CAPTURE(row.schema);
    CHECK(applied(row.schema, row.settings) == row.settings);
}

TEST_CASE("all mistakes are reported at once") {
    CHECK(applied(kubectl, R"({"tls": {"cs": 1}, "retries": 10, "hosts": [{}]})") ==
          ": 'server' is missing\n"
          "/tls/cs: 'tls.cs' is not a known setting (did "
          "you mean 'ca'?)\n"
          "/retries: 'retries' must be at most 9, and is 10\n"
          "/hosts/0: 'hosts[0].name' is missing");
}

TEST_CASE("a value with a pattern is bounded, whatever the pattern does with it") {
    const std::string schema = a(R"({"type": "string", "pattern": "^(a|b)*c$"})");
    CHECK_THAT(applied(schema, "{\"a\": \"" + std::string(1024, 'a') + "\"}"), StartsWith("/a: 'a' does not match the pattern"));
    CHECK(applied(schema, "{\"a\": \"" + std::string(1'000'000, 'a') + "\"}") ==
          "/a: 'a' is longer than 1024 bytes, the most that can be checked");
}

TEST_CASE("no error shows a secret") {
    const std::string secret = "hunter2-hunter2";
    struct Row {
        const char *name;
        const char *schema; // of a
        const char *value;
        const char *sentence;
    };
    const Row row = GENERATE(values<Row>({
        {"type", R"({"writeOnly": true, "type": "integer"})", R"("hunter2-hunter2")", "/a: 'a' must be integer, and is string"},
        {"enum", R"({"writeOnly": true, "enum": ["hunter2-hunter1"]})", R"("hunter2-hunter2")",
         "/a: 'a' is not one of the values that the driver allows"},
        {"pattern", R"({"writeOnly": true, "pattern": "^x"})", R"("hunter2-hunter2")", "/a: 'a' does not match the pattern ^x"},
        {"minimum", R"({"writeOnly": true, "minimum": 5})", "4", "/a: 'a' must be at least 5"},
        {"below a secret object", R"({"writeOnly": true, "additionalProperties": {"enum": ["x"]}})",
         R"({"k": "hunter2-hunter2"})", "/a/k: 'a.k' is not one of the values that the driver allows"},
        {"a key in a secret object", R"({"writeOnly": true, "type": "object"})", R"({"hunter2-hunter2": 1})",
         "/a: 'a' has a key that the driver does not know"},
        {"in a secret list", R"({"writeOnly": true, "items": {"minLength": 99}})", R"(["hunter2-hunter2"])",
         "/a/0: 'a[0]' must have at least 99 characters, and has 15"},
    }));
    CAPTURE(row.name);
    const std::string said = applied(a(row.schema), std::string("{\"a\": ") + row.value + "}");
    CHECK(said == row.sentence);
    CHECK_THAT(said, !ContainsSubstring(secret));
}

TEST_CASE("values are secret wherever they stand, and so is what the schema does not know") {
    const json::object settings =
        object(R"({"server": "https://x", "token": "token", "tls": {"ca": "cert", "key": {"any": "a shape"}},
        "labels": {"a": "label"}, "tokn": "a slip", "hosts": [{"name": "host", "pasword": "word"}]})");
    CHECK(secret_values(kubectl, settings) == std::vector<std::string>{"a shape", "a slip", "token", "word"});
}

TEST_CASE("secrets are found in texts, the longest first, the shortest left") {
    const json::object schema = object(R"({"additionalProperties": {"writeOnly": true}})");
    const auto secrets =
        secret_values(schema, object(R"({"a": "pass", "b": ["password", {"c": 123456}], "d": "abc", "e": true})"));
    CHECK(secrets == std::vector<std::string>{"password", "123456", "pass"});
    CHECK(without_secrets("my password is pass, not 1234567 or abc", secrets) == "my (hidden) is (hidden), not (hidden)7 or abc");
    CHECK(without_secrets("", secrets).empty());
}

} // namespace rsf::drivers::test
