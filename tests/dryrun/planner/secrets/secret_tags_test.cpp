// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <dryrun/objects/values.hpp>
#include <dryrun/planner/secrets/secret_tags.hpp>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::objects;
using namespace rsf::dryrun::planner;

namespace {

json::object secret(const char *data, const char *string_data = "{}") {
    return {{"apiVersion", "v1"},
            {"kind", "Secret"},
            {"metadata", json::object{{"name", "s"}}},
            {"data", json::parse(data)},
            {"stringData", json::parse(string_data)}};
}

std::string masked(const SecretTags &tags, const char *object) { return json::serialize(tags.masked(parse_object(object))); }

} // namespace

TEST_CASE("a tag is the beginning of an HMAC") {
    // RFC 4231, test case 2
    CHECK(SecretTags("Jefe").tag("what do ya want for nothing?") == "(secret 5bdcc146)");
    CHECK(SecretTags("one").tag("x") != SecretTags("other").tag("x"));
    CHECK_THROWS(SecretTags(""));
}

TEST_CASE("a Secret's values are tags, the same for the same bytes") {
    const SecretTags tags("key");
    const json::object object =
        tags.masked(secret(R"({"a": "aHVudGVyMg==", "b": "aHVudGVyMg==", "c": "b3RoZXI=", "d": "", "e": "no base64",
                                                      "f": 7, "g": null, "h": {"x": "hunter2"}})",
                           R"({"a": "hunter2", "b": "aHVudGVyMg=="})"));
    const json::object &data = object.at("data").as_object();
    CHECK(data.at("a") == json::string(tags.tag("hunter2")));
    CHECK(data.at("a") == data.at("b"));
    CHECK(data.at("a") == object.at("stringData").at("a"));
    CHECK(data.at("a") != object.at("stringData").at("b"));
    CHECK(data.at("a") != data.at("c"));
    CHECK(data.at("d") == json::string(tags.tag("")));
    CHECK(data.at("e") == json::string(tags.tag("no base64")));
    CHECK(data.at("f") == json::string(tags.tag("7")));
    CHECK(data.at("g").is_null());
    CHECK(data.at("h").is_string());
    CHECK(json::serialize(object).find("hunter2") == std::string::npos);
    CHECK(object.at("kind") == "Secret");
}

TEST_CASE("a placeholder in a Secret is shown, and the text around it is masked") {
    SecretTags tags("key", {}, {"(known after redis)"});
    const json::object posted =
        secret(R"x({"a": "(known after redis)", "b": "KGtub3duIGFmdGVyIHJlZGlzKQ=="})x",
               R"x({"c": "(known after redis)", "d": "hunter2 (known after redis)", "e": "(known after x)"})x");
    tags.learn(posted);
    const json::object shown = tags.masked(posted);
    CHECK(shown.at("data") == json::parse(R"x({"a": "(known after redis)", "b": "(known after redis)"})x"));
    CHECK(shown.at("stringData").at("c") == "(known after redis)");
    CHECK(shown.at("stringData").at("d") == json::string(tags.tag("hunter2 (known after redis)")));
    CHECK(shown.at("stringData").at("e") == json::string(tags.tag("(known after x)")));
    CHECK(tags.masked_text("it refers to (known after redis)") == "it refers to (known after redis)");
}

TEST_CASE("a value that a driver marks as secret is masked, with its copies") {
    SecretTags tags("key", SecretMarks(json::parse(R"([
        {"types": ["Account", "acct"], "paths": ["/password", "/users/*/token", "/a~1b/1", "/~0", "/codes"]},
        {"types": ["*"], "paths": ["/*/pin"]}])")
                                           .as_array()));
    const json::object account =
        parse_object(R"({"password": "hunter2", "users": {"bob": {"token": 123456, "room": "9"}, "eve": 1},
        "a/b": ["first", {"deep": ["second"]}], "~": "tilde", "codes": [true, null, "abcd"], "x": {"pin": "7070", "y": {"pin": "8080"}}})");
    const auto tag = [&](const char *text) { return json::string(tags.tag(text)); };
    tags.learn(account, "ACCT");
    const json::object shown = tags.masked(account, "Account");
    CHECK(shown == json::object{{"password", tag("hunter2")},
                                {"users", {{"bob", {{"token", tag("123456")}, {"room", "9"}}}, {"eve", 1}}},
                                {"a/b", {"first", {{"deep", json::array{tag("second")}}}}},
                                {"~", tag("tilde")},
                                {"codes", {tag("true"), nullptr, tag("abcd")}},
                                {"x", {{"pin", tag("7070")}, {"y", {{"pin", "8080"}}}}}});
    CHECK(tags.masked(parse_object(R"({"x": ["hunter2", "123456", "no hunter2"]})"), "Room") ==
          json::object{{"x", {tag("hunter2"), tag("123456"), "no hunter2"}}});
    CHECK(tags.masked(parse_object(R"({"password": "other"})"), "Room") == parse_object(R"({"password": "other"})"));
    CHECK(tags.masked(parse_object(R"({"kind": "Account", "password": "other"})"), "x").at("password") == tag("other"));
}

TEST_CASE("data of any shape and the last-applied annotation of a Secret are masked") {
    const SecretTags tags("key");
    const std::string text =
        masked(tags, R"({"apiVersion": "v1", "kind": "Secret", "data": "hunter2", "metadata": {"name": "s", "annotations":
        {"kubectl.kubernetes.io/last-applied-configuration": "{\"stringData\": {\"a\": \"hunter2\"}}", "x": "y"}}})");
    CHECK(text.find("hunter2") == std::string::npos);
    CHECK_THAT(text, ContainsSubstring(R"("x":"y")"));
    const std::string inside = masked(tags, R"({"kind": "Template", "objects": [{"apiVersion": "v1", "kind": "Secret",
        "stringData": {"a": "hunter2"}}]})");
    CHECK(inside.find("hunter2") == std::string::npos);
    CHECK_THAT(masked(tags, R"({"apiVersion": "example.com/v1", "kind": "Secret", "data": {"a": "b"}})"),
               ContainsSubstring(R"("a":"b")"));
}

TEST_CASE("copies of a learnt value in other objects are masked") {
    SecretTags tags("key");
    tags.learn(secret(R"({"password": "aHVudGVyMi1mb3ItYWxs", "short": "YWJj"})", R"({"token": "t0k3n-0f-b0b"})"));
    const std::string hunter = tags.tag("hunter2-for-all"), token = tags.tag("t0k3n-0f-b0b");
    CHECK(tags.masked_text("a=hunter2-for-all, abc") == "a=" + hunter + ", abc");
    const std::string object = masked(
        tags,
        R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hunter2-for-all", "labels": {"a": "t0k3n-0f-b0b",
        "hunter2-for-all": "x"}}, "data": {"is-hunter2-for-all": "is hunter2-for-all", "list": ["t0k3n-0f-b0b", "abc", 5, true, null]}})");
    CHECK(object == R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hunter2-for-all","labels":{"a":")" + token +
                        R"(",")" + hunter + R"(":"x"}},"data":{"is-)" + hunter + R"(":"is )" + hunter + R"(","list":[")" + token +
                        R"(",")" + tags.tag("abc") + R"(",5,true,null]}})");
    CHECK_THAT(masked(tags, R"({"apiVersion": "v1", "kind": "Secret", "type": "x/t0k3n-0f-b0b"})"), ContainsSubstring(token));
}

TEST_CASE("a Secret within another object is masked, however its kind is given") {
    const SecretTags tags("key");
    for (const char *object :
         {R"({"kind": "List", "items": [{"apiVersion": "v1", "kind": "Secret", "data": {"a": "b3RoZXI="}}]})",
          R"({"apiVersion": "v1", "kind": "SecretList", "items": [{"stringData": {"a": "other"}}]})",
          R"({"apiVersion": "v1", "kind": "secret", "stringData": {"a": ["other"], "b": {"c": "other"}}})",
          R"({"apiVersion": "v1", "kind": "Secret", "stringData": "other"})",
          R"({"apiVersion": "v1", "kind": "Secret", "stringdata": {"a": "other"}})",
          R"({"apiVersion": "v1", "kind": "Secret", "Data": {"a": "b3RoZXI="}})",
          R"({"apiVersion": "v1", "kind": "Secret", "value": ["other"]})",
          R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "stringData": {"a": "other"}}})",
          R"({"kind": "Secret", "stringData": {"a": "other"}})"}) {
        INFO(object);
        const std::string text = masked(tags, object);
        CHECK_THAT(text, !ContainsSubstring("other"));
        CHECK_THAT(text, !ContainsSubstring("b3RoZXI"));
        CHECK_THAT(text, ContainsSubstring("(secret "));
    }
    CHECK_THAT(json::serialize(tags.masked(parse_object(R"({"stringData": {"a": "other"}})"), "secrets")),
               !ContainsSubstring("other"));
}

TEST_CASE("the value of a reference is learnt once the reference is filled in") {
    SecretTags tags("key");
    tags.learn(secret("{}", R"x({"a": "$(ref.redis.spec.clusterIP)", "b": "redis://$(ref.redis.spec.clusterIP)/"})x"));
    CHECK(tags.masked_text("no $(ref.redis.spec.clusterIP)") == "no $(ref.redis.spec.clusterIP)");
}
