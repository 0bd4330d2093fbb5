// SPDX-License-Identifier: Apache-2.0
//
// Bad input of every kind through a real socket: each has its status and its sentence, and none reaches the driver.
#include "http/test_server.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>
#include <vector>

using namespace rsf::http::test;
using namespace rsf::api::test;
namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

struct BadInput {
    const char *name;
    std::string bytes;
    int status;
    const char *says;
};

std::string post(std::string_view body, std::string_view headers = "") {
    return request("POST", "/configurations", headers, body);
}

std::string deep(std::size_t levels) { return R"({"resources": )" + std::string(levels, '[') + std::string(levels, ']') + "}"; }

const std::vector<BadInput> &bad_bodies() {
    static const std::vector<BadInput> rows{
        {"no body", request("POST", "/configurations"), 400, "The body is empty"},
        {"a body of a comment", post("# nothing\n"), 400, "The body is empty"},
        {"a body that is null", post("null"), 400, "send a configuration"},
        {"a body that is a list", post("[]"), 400, "send a configuration"},
        {"a body that is text", post("hello"), 400, "send a configuration"},
        {"a body that is a number", post("1"), 400, "send a configuration"},
        {"no resources", post("{}"), 400, "no 'resources'"},
        {"resources that are null", post("resources:\n"), 400, "must be a list"},
        {"resources that are a mapping", post(R"({"resources": {}})"), 400, "must be a list"},
        {"an empty list of resources", post(R"({"resources": []})"), 400, "give at least one"},
        {"an unknown key at the top", post(R"({"resources": [{"name": "a", "type": "T"}], "resource": []})"), 400,
         "did you mean"},
        {"an unknown key in a resource", post("resources: [{name: a, typ: T}]"), 400, "did you mean 'type'"},
        {"a resource that is text", post("resources: [a]"), 400, "must be a mapping"},
        {"a resource without a name", post("resources: [{type: T}]"), 400, "name"},
        {"a resource without a type", post("resources: [{name: a}]"), 400, "type"},
        {"a name that is empty", post("resources: [{name: '', type: T}]"), 400, "empty"},
        {"a name that is a list", post("resources: [{name: [a], type: T}]"), 400, "name"},
        {"properties that are text", post("resources: [{name: a, type: T, properties: b}]"), 400, "must be a mapping"},
        {"a duplicate key in YAML", post("resources: [{name: a, name: b, type: T}]"), 400, "name"},
        {"a duplicate key in JSON", post(R"({"resources": [{"name": "a", "name": "b", "type": "T"}]})"), 400, "name"},
        {"two YAML documents", post("resources: []\n---\nresources: []\n"), 400, "one document at a time"},
        {"two JSON documents", post("{} {}"), 400, "one document at a time"},
        {"YAML with a tab", post("resources:\n\t- name: a\n"), 400, "Line 2"},
        {"YAML that is not closed", post("resources: [{name: a"), 400, "Line 1"},
        {"YAML with an unknown alias", post("resources: *a"), 400, "anchor"},
        {"JSON cut off", post(R"({"resources": [{"name": "a")"), 400, ""},
        {"JSON that is nested too deep", post(deep(100)), 400, "nested"},
        {"YAML that is nested too deep", post("resources: " + std::string(100, '[') + std::string(100, ']')), 400, "nested"},
        {"a billion laughs",
         post("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
              "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
              "g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n"),
         400, "more than"},
        {"the text that hangs a YAML parser", post(","), 400, ""},
        {"bad UTF-8", post("resources: [{name: \xff, type: T}]"), 400, "UTF-8"},
        {"UTF-16", post(std::string("\xff\xfer\0e\0", 6)), 400, "send UTF-8"},
        {"a NUL", post(std::string("resources: \0", 12)), 400, "does not allow"},
        {"gzip", post("\x1f\x8b\x08", "Content-Encoding: gzip\r\n"), 415, "send the body as it is"},
        {"a reference to nobody", post("resources: [{name: a, type: T, properties: {x: $(ref.b.c)}}]"), 400, "b"},
        {"a reference to itself", post("resources: [{name: a, type: T, properties: {x: $(ref.a.c)}}]"), 400, "a -> a"},
        {"a reference without an end", post("resources: [{name: a, type: T, properties: {x: $(ref.b.c}}]"), 400, "ref"},
        {"a reference to a shared name",
         post("resources: [{name: a, type: T}, {name: a, type: U}, {name: b, type: T, properties: {x: $(ref.a.c)}}]"), 400, "a"},
        {"no label", post(two_resources, "Content-Type:\r\n"), 415, "has no Content-Type"},
        {"a label that is a quote and a backslash", post("a", "Content-Type: \"\\\r\n"), 415, "application/yaml"},
        {"a form", post("a=b", "Content-Type: application/x-www-form-urlencoded\r\n"), 415, "application/yaml"},
        {"plain text", post("a", "Content-Type: text/plain\r\n"), 415, "application/yaml"},
        {"another charset", post("a", "Content-Type: application/json; charset=iso-8859-1\r\n"), 415, "send UTF-8"},
        {"two labels", post("a", "Content-Type: text/yaml\r\nContent-Type: text/yaml\r\n"), 415, "two Content-Type"},
        {"an answer in HTML", post(two_resources, "Accept: text/html\r\n"), 406, "Nothing was done"},
        {"PUT without a body", request("PUT", "/configurations"), 400, "The body is empty"},
        {"DELETE without a body", request("DELETE", "/configurations"), 400, "The body is empty"},
    };
    return rows;
}

const std::vector<BadInput> &bad_places() {
    static const std::string body(two_resources);
    static const std::vector<BadInput> rows{
        {"the root", request("GET", "/"), 404, "The routes are"},
        {"a path that leads nowhere", request("GET", "/configuration/cm"), 404, "did you mean 'configurations'"},
        {"a path that is too long", request("GET", "/configurations/a/b/c"), 404, "%2F"},
        {"an unknown target", request("GET", "/targets/prd"), 404, "did you mean 'prod'"},
        {"a write on an unknown target", request("POST", "/targets/revue/configurations", "", body), 404, "prod, review"},
        {"a read on an unknown target", request("GET", "/targets/x/configurations/cm"), 404, "prod, review"},
        {"a list of everything", request("GET", "/configurations"), 405, "POST, PUT, DELETE"},
        {"POST on a type", request("POST", "/configurations/cm", "", body), 405, "GET, HEAD"},
        {"DELETE on an object", request("DELETE", "/configurations/cm/a"), 405, "GET, HEAD"},
        {"POST on healthz", request("POST", "/healthz", "", body), 405, "GET, HEAD"},
        {"PUT on targets", request("PUT", "/targets", "", body), 405, "GET, HEAD"},
        {"PATCH", request("PATCH", "/configurations", "", body), 405, "POST, PUT, DELETE"},
        {"TRACE", request("TRACE", "/configurations"), 405, "POST, PUT, DELETE"},
        {"a method that nobody knows", request("BREW", "/configurations"), 501, "'BREW' is not known"},
        {"a method in lower case", request("get", "/healthz"), 501, "'get' is not known"},
        {"a broken escape", request("GET", "/configurations/%zz"), 400, "broken percent escape"},
        {"an escape cut off", request("GET", "/configurations/a%"), 400, "broken percent escape"},
        {"an encoded NUL", request("GET", "/configurations/cm/a%00b"), 400, "control characters"},
        {"an encoded line end", request("GET", "/configurations/cm/a%0Ab"), 400, "control characters"},
        {"bad UTF-8 in a path", request("GET", "/configurations/%ff"), 400, "bad UTF-8"},
        {"an empty type", request("GET", "/configurations//a"), 400, "empty segment"},
        {"an empty target", request("GET", "/targets//configurations/cm"), 400, "empty segment"},
        {"dots", request("GET", "/configurations/../healthz"), 400, "send paths resolved"},
        {"encoded dots", request("GET", "/configurations/%2e%2e/healthz"), 400, "send paths resolved"},
        {"an unknown parameter", request("GET", "/configurations/cm?namespaces=a"), 400, "did you mean 'namespace'"},
        {"a parameter in another case", request("GET", "/configurations/cm?labelselector=a"), 400,
         "did you mean 'labelSelector'"},
        {"an unknown parameter of a write", request("POST", "/configurations?dryrun=All", "", body), 400,
         "did you mean 'dryRun'"},
        {"a selector on a write", request("DELETE", "/configurations?labelSelector=a", "", body), 400, "no query parameter"},
        {"a selector on one object", request("GET", "/configurations/cm/a?labelSelector=b"), 400, "is for lists"},
        {"a parameter of targets", request("GET", "/targets?namespace=a"), 400, "no query parameter"},
        {"a parameter twice", request("GET", "/configurations/cm?namespace=a&namespace=b"), 400, "given twice"},
        {"a parameter without a name", request("GET", "/configurations/cm?=a"), 400, "without a name"},
        {"allNamespaces that is no truth", request("GET", "/configurations/cm?allNamespaces=yes"), 400, "true or false"},
        {"allNamespaces and one of them", request("GET", "/configurations/cm?allNamespaces=true&namespace=a"), 400,
         "one of the two"},
        {"a broken escape in a query", request("GET", "/configurations/cm?namespace=%g"), 400, "broken percent escape"},
        {"a strategy that nobody knows", request("PUT", "/configurations?strategy=merge", "", body), 400,
         "write create-replace or apply"},
        {"an empty strategy", request("POST", "/configurations?strategy=", "", body), 400, "write create-replace or apply"},
        {"a strategy for deletion", request("DELETE", "/configurations?strategy=apply", "", body), 400, "for POST and PUT"},
        {"a strategy for a read", request("GET", "/configurations/cm?strategy=apply"), 400, "no query parameter 'strategy'"},
        {"a dry run of an odd kind", request("POST", "/configurations?dryRun=maybe", "", body), 400, "write true, All or false"},
        {"an answer in a picture", request("GET", "/configurations/cm", "Accept: image/png\r\n"), 406, "application/json"},
        {"a first line without protocol", "GET / \r\n\r\n", 400, "single spaces"},
        {"no Host", "GET /configurations/cm HTTP/1.1\r\n\r\n", 400, "no Host"},
        {"two lengths",
         "POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nContent-Length: 3\r\nContent-Length: "
         "4\r\n\r\nabcd",
         400, "two Content-Length"},
        {"a smuggled request",
         "POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nContent-Length: 6\r\nTransfer-Encoding: "
         "chunked\r\n\r\n0\r\n\r\nGET "
         "/configurations/cm HTTP/1.1\r\nHost: localhost\r\n\r\n",
         400, "both"},
        {"a target that is a scheme", "GET http HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "neither a path nor an http URL"},
        {"another host", "GET /targets HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, "evil.example"},
        {"a page of another origin", request("POST", "/configurations", "Origin: https://evil.example\r\n", body), 403,
         "another origin"},
        {"a bad chunk",
         "POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nTransfer-Encoding: "
         "chunked\r\n\r\nzz\r\n",
         400, "not with its size"},
    };
    return rows;
}

// An entry of JSONTestSuite: its text, or its bytes in hexadecimal where they are not UTF-8.
std::string text_of(const json::object &entry) {
    if (const json::value *text = entry.if_contains("text")) return std::string(text->as_string());
    const std::string hex(entry.at("hex").as_string());
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

void check(const TestServer &server, const BadInput &row) {
    INFO(row.name);
    const Reply reply = server.ask(row.bytes);
    CHECK(reply.status == row.status);
    if (row.bytes.find("Accept:") == row.bytes.npos) {
        CHECK(reply.header("Content-Type") == "text/plain; charset=UTF-8");
        CHECK_THAT(reply.body, ContainsSubstring(row.says));
        return;
    }
    REQUIRE(reply.header("Content-Type") == "application/problem+json");
    const json::value problem = json::parse(reply.body);
    CHECK(problem.at("status") == row.status);
    CHECK_FALSE(problem.at("title").as_string().empty());
    CHECK(problem.at("type").as_string().starts_with("urn:resourcifier:problem:"));
    CHECK(problem.at("instance").as_string() == "urn:resourcifier:request:" + reply.header("X-Request-Id"));
    std::string sentences(problem.at("detail").as_string());
    if (const json::value *parts = problem.as_object().if_contains("errors"))
        for (const json::value &part : parts->as_array()) sentences += '\n' + std::string(part.at("detail").as_string());
    CHECK_THAT(sentences, ContainsSubstring(row.says));
    if (row.status == 405) CHECK_THAT(reply.header("Allow"), ContainsSubstring(row.says));
}

} // namespace

TEST_CASE("each bad body has its status and its sentence, and changes nothing") {
    const TestServer server;
    for (const BadInput &row : bad_bodies()) check(server, row);
    CHECK(server.cluster->calls().empty());
    CHECK(server.ask(post(two_resources)).status == 201);
}

TEST_CASE("each bad path, query, method or framing has its status and its sentence, and changes nothing") {
    const TestServer server;
    for (const BadInput &row : bad_places()) check(server, row);
    CHECK(server.cluster->calls().empty());
    CHECK(server.ask(post(two_resources)).status == 201);
}

TEST_CASE("no text of JSONTestSuite makes the server fail") {
    const fs::path path = fs::path(TEST_SOURCE_DIR) / "data" / "json-test-suite" / "parsing.jsonl";
    std::ifstream lines(path);
    if (!lines) {
        WARN("not run: there is no " + path.string());
        return;
    }
    const TestServer server;
    RawClient client(server.address());
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const json::value entry = json::parse(line);
        INFO(entry.at("name").as_string().c_str());
        const std::string text = text_of(entry.as_object());
        // Alone it is no configuration; as the properties of a resource it is one, if it is JSON or YAML.
        CHECK(client.ask(post(text)).status == 400);
        const int inside =
            client.ask(post(R"({"resources": [{"name": "a", "type": "T", "properties": {"x": )" + text + "}}]}")).status;
        CHECK((inside == 201 || inside == 400));
    }
    CHECK(count > 300);
}
