// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <dryrun/review_secrets.hpp>
#include <dryrun/values.hpp>

#include <chrono>

using namespace rsf;
using namespace rsf::dryrun;

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

TEST_CASE("base64 is read as the server reads it, and written") {
    struct Row {
        const char *text, *bytes;
    };
    for (const Row &row : {Row{"", ""},
                           {"Zg==", "f"},
                           {"Zm8=", "fo"},
                           {"Zm9v", "foo"},
                           {"Zm9vYg==", "foob"},
                           {"Zm9v\nYmFy\r\n", "foobar"},
                           {"+/+/", "\xfb\xff\xbf"}}) {
        INFO(row.text);
        std::string bytes;
        CHECK(decode_base64(row.text, bytes));
        CHECK(bytes == row.bytes);
        if (std::string_view(row.text).find("\n") == std::string_view::npos) CHECK(encode_base64(row.bytes) == row.text);
    }
    for (const char *text : {"Z", "Zg", "Zg=", "Zg===", "Zm9v=", "Zg==Zg==", "Zm-v", "====", "Zm9 "}) {
        INFO(text);
        std::string bytes;
        CHECK_FALSE(decode_base64(text, bytes));
    }
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

TEST_CASE("what only stands in a value's place is shown, and nothing around it") {
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

TEST_CASE("what a driver marks is masked, there and elsewhere") {
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
    CHECK(tags.masked_text("no hunter2 for 123456") == "no " + tags.tag("hunter2") + " for " + tags.tag("123456"));
    CHECK(tags.masked(parse_object(R"({"password": "other"})"), "Room") == parse_object(R"({"password": "other"})"));
    CHECK(tags.masked(parse_object(R"({"kind": "Account", "password": "other"})"), "x").at("password") == tag("other"));
}

TEST_CASE("whatever else of a Secret could tell its values is masked") {
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

TEST_CASE("what was learnt is masked elsewhere") {
    SecretTags tags("key");
    tags.learn(secret(R"({"password": "aHVudGVyMg==", "short": "YWJj", "pem": "bGluZSBvbmUKbGluZSB0d28K"})",
                      R"({"long": "hunter2-and-more", "token": "t0k3n"})"));
    const std::string hunter = tags.tag("hunter2");
    struct Row {
        const char *title, *text;
        std::string result;
    };
    const Row rows[] = {
        {"nothing", "hello", "hello"},
        {"empty", "", ""},
        {"all of it", "hunter2", hunter},
        {"in the middle", "a=hunter2;b", "a=" + hunter + ";b"},
        {"twice", "hunter2hunter2", hunter + hunter},
        {"as base64", "aHVudGVyMg==", hunter},
        {"the longest", "xhunter2-and-morex", "x" + tags.tag("hunter2-and-more") + "x"},
        {"not quite the longest", "hunter2-and-mo", hunter + "-and-mo"},
        {"from stringData as base64", "dDBrM24=", tags.tag("t0k3n")},
        {"too short to be looked for", "abc", "abc"},
        {"a part is none", "hunter", "hunter"},
        {"lines", "pem: line one\nline two\n!", "pem: " + tags.tag("line one\nline two\n") + "!"},
        {"lines within JSON", R"({"pem": "line one\nline two\n"})", "{\"pem\": \"" + tags.tag("line one\nline two\n") + "\"}"},
    };
    for (const Row &row : rows) {
        INFO(row.title);
        CHECK(tags.masked_text(row.text) == row.result);
    }
    const std::string object = masked(tags, R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hunter2", "labels":
        {"a": "hunter2"}}, "data": {"hunter2": "is hunter2", "list": ["t0k3n", 5, true, null]}})");
    CHECK(object == R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hunter2","labels":{"a":")" + hunter +
                        R"("}},"data":{"hunter2":"is )" + hunter + R"(","list":[")" + tags.tag("t0k3n") + R"(",5,true,null]}})");
    CHECK_THAT(masked(tags, R"({"apiVersion": "v1", "kind": "Secret", "type": "x/t0k3n"})"),
               ContainsSubstring(tags.tag("t0k3n")));
}

TEST_CASE("long values that begin alike are told apart") {
    SecretTags tags("key");
    const std::string head(5000, 'a');
    for (const char *end : {"one", "two", ""}) {
        json::object object = secret("{}");
        object["stringData"] = json::object{{"x", head + end}};
        tags.learn(object);
    }
    for (const char *end : {"one", "two", ""})
        CHECK(tags.masked_text("<" + head + end + ">") == "<" + tags.tag(head + end) + ">");
    CHECK(tags.masked_text(head.substr(0, 2000)).find("aaaa") == std::string::npos);
}

TEST_CASE("many secrets and much text take little time") {
    SecretTags tags("key");
    json::object values;
    for (int i = 0; i < 5000; ++i) values["k" + std::to_string(i)] = "https://user:pass" + std::to_string(i) + "@example.com/";
    values["same"] = std::string(4000, 'a') + "b";
    json::object object = secret("{}");
    object["stringData"] = values;
    tags.learn(object);
    std::string text;
    for (int i = 0; i < 20000; ++i) text += "https://user:pass" + std::to_string(i) + "@example.com/ ";
    text += std::string(200000, 'a');
    const auto begin = std::chrono::steady_clock::now();
    const std::string result = tags.masked_text(text);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
    CHECK(result.find("pass4999@") == std::string::npos);
    CHECK(result.find("pass5000@") != std::string::npos);
}
