// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "masking/secret_values.hpp"

#include <set>
#include <string>

using namespace rsf::masking;
namespace json = boost::json;

namespace {

using Texts = std::set<std::string>;

Texts secrets_in(const char *object, const char *type = "") {
    Texts texts;
    each_secret(json::parse(object).as_object(), type, [&](std::string_view text) { texts.emplace(text); });
    return texts;
}

Texts parts_of(std::string_view text) {
    Texts texts;
    each_secret_part(text, [&](std::string_view part) { texts.emplace(part); });
    texts.erase(std::string(text));
    return texts;
}

} // namespace

TEST_CASE("the values of Secrets are found wherever they stand") {
    struct Row {
        const char *what, *object, *type;
        Texts secrets;
    };
    const Row rows[] = {
        {"data",
         R"({"apiVersion": "v1", "kind": "Secret", "data": {"a": "aHVudGVyMg==", "b": "no base64!"}})",
         "",
         {"hunter2", "no base64!"}},
        {"stringData", R"({"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "aHVudGVyMg=="}})", "", {"aHVudGVyMg=="}},
        {"what is no string",
         R"({"apiVersion": "v1", "kind": "Secret", "stringData": {"a": 918273645, "b": true, "c": [1, ["x"]], "d": null, "e": {"f": "g"}},
            "data": "h"})",
         "",
         {"918273645", "true", "1", "x", "g", "h"}},
        {"misspelt fields, as text and as base64",
         R"({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": true, "stringdata": {"a": "x"},
             "Data": {"b": "aHVudGVyMg=="}, "value": "y", "spec": {"c": [{"d": 918273645}]}})",
         "",
         {"x", "hunter2", "aHVudGVyMg==", "y", "918273645"}},
        {"fields that were indented too far",
         R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "n", "namespace": "s", "labels": {"l": "m"},
             "annotations": {"o": "p"}, "stringData": {"a": "x"}}})",
         "",
         {"x"}},
        {"another spelling", R"({"apiVersion": "V1", "kind": "sEcReT", "stringData": {"a": "x"}})", "", {"x"}},
        {"no version", R"({"kind": "Secret", "stringData": {"a": "x"}})", "", {"x"}},
        {"the type says what it is", R"({"stringData": {"a": "x"}})", "secrets", {"x"}},
        {"the whole type says what it is", R"({"stringData": {"a": "x"}})", "Secret.v1.", {"x"}},
        {"of another group", R"({"apiVersion": "example.com/v1", "kind": "Secret", "data": {"a": "x"}})", "Secret", {}},
        {"another type", R"({"stringData": {"a": "x"}})", "secrets.v1.example.com", {}},
        {"a List",
         R"({"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "x"}}]})",
         "",
         {"x"}},
        {"a SecretList",
         R"({"apiVersion": "v1", "kind": "SecretList", "items": [{"stringData": {"a": "x"}}, {"data": {"a": "eQ=="}}]})",
         "",
         {"x", "y"}},
        {"a template",
         R"({"kind": "Template", "objects": [[{"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "x"}}]]})",
         "",
         {"x"}},
        {"what was applied before",
         R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration":
            "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"stringData\":{\"a\":\"old\"},\"data\":{\"b\":\"b2xkZXI=\"}}", "x/y": "{nonsense", "z": 1}}, "stringData": {"a": "x"}})",
         "",
         {"old", "older", "x"}},
        {"a ConfigMap", R"({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "x"}})", "ConfigMap", {}},
    };
    for (const Row &row : rows) {
        INFO(row.what);
        CHECK(secrets_in(row.object, row.type) == row.secrets);
    }
}

TEST_CASE("whatever is meant to be a Secret is one, or may become one") {
    struct Row {
        const char *object, *type;
        bool is_secret;
    };
    const Row rows[] = {
        {R"({"apiVersion": "v1", "kind": "Secret"})", "", true},
        {R"({"kind": "secret"})", "", true},
        {R"({"apiVersion": "v1", "kind": "Secrets"})", "", true},
        {R"({"apiVersion": "v2", "kind": "Secret"})", "", true},
        {R"({"apiVersion": "core/v1", "kind": "Secret"})", "", true},
        {R"~({"apiVersion": "$(ref.a.metadata['x/y'])", "kind": "Secret"})~", "", true},
        {R"~({"apiVersion": "v1", "kind": "$(ref.a.kind)"})~", "", true},
        {"{}", "secret.v1", true},
        {"{}", "secrets.v2.", true},
        {"{}", "", false},
        {"{}", "secrets.v1.example.com", false},
        {R"({"apiVersion": "example.com/v1", "kind": "Secret"})", "Secret", false},
        {R"({"apiVersion": "v1", "kind": "ConfigMap"})", "Secret", false},
    };
    for (const Row &row : rows) {
        INFO(row.object << " of type '" << row.type << "'");
        CHECK(is_secret(json::parse(row.object).as_object(), row.type) == row.is_secret);
    }
}

TEST_CASE("what is copied of a value by itself is found in it") {
    struct Row {
        const char *what, *text;
        Texts parts;
    };
    const Row rows[] = {
        {"dockerconfigjson",
         R"({"auths": {"registry.example.com": {"username": "somebody", "password": "longer-pass", "auth": "c29tZWJvZHk6bG9uZ2VyLXBhc3M="}}})",
         {"longer-pass", "c29tZWJvZHk6bG9uZ2VyLXBhc3M="}},
        {"dockerconfigjson with auth alone",
         R"({"auths": {"registry.example.com": {"auth": "c29tZWJvZHk6bG9uZ2VyLXBhc3M="}}})",
         {"longer-pass", "c29tZWJvZHk6bG9uZ2VyLXBhc3M="}},
        {"JSON",
         R"({"host": "db.example.com", "db": {"dbPassword": "longer-pass", "short_token": "abc", "secret": "production"}})",
         {"longer-pass"}},
        {"lines of a file",
         "HOST=db.example.com\nDB_PASSWORD='longer-pass'\napi-token: other-token-x\r\nlevel=password\n",
         {"longer-pass", "other-token-x"}},
        {"a URL", "postgres://somebody:longer-pass@db.example.com:5432/x?y=z", {"longer-pass"}},
        {"a URL without a password", "https://example.com:8443/a@b", {}},
        {"text", "longer-pass: no", {}},
    };
    for (const Row &row : rows) {
        INFO(row.what);
        CHECK(parts_of(row.text) == row.parts);
    }
}
