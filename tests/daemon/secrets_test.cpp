// SPDX-License-Identifier: Apache-2.0
//
// A Secret's value shows in nothing that is said of its configuration: in no form of a plan, no state, no line of the log.
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <vector>

using namespace rsf::test;
namespace json = boost::json;

namespace {

constexpr std::string_view reviewed = "  scratch: {driver: dryrun}\n  review: {driver: dryrun, settings: {over: scratch}}\n";
constexpr const char *formats[] = {"application/json", "application/yaml", "text/x-diff", "text/markdown", "text/html"};

const std::string password = "Tr1cky/Pass+word&\"2\"";
const std::string key = "-----BEGIN X KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END X KEY-----\n";
// What of the values, in any spelling, may be found nowhere.
const std::vector<std::string> traces{"Tr1cky",   "word&",    "MIIEvQIBADANBgkq", "hkiG9w0BAQEFAASC",
                                      "VHIxY2t5", "RyMWNreS", "UcjFja3k",         "n0t-the-0ld"};

json::object resource(const std::string &name, const std::string &kind, json::object more, json::object metadata = {}) {
    metadata["name"] = name;
    json::object properties{{"apiVersion", "v1"}, {"kind", kind}, {"metadata", std::move(metadata)}};
    for (auto &member : more) properties[member.key()] = member.value();
    return {{"name", name}, {"type", kind}, {"properties", std::move(properties)}};
}

std::string body(json::array resources) { return json::serialize(json::object{{"resources", std::move(resources)}}); }

json::object secret(json::object values) { return resource("login", "Secret", {{"stringData", std::move(values)}}); }
json::object login() { return secret({{"password", password}, {"key", key}}); }

struct Copy {
    const char *way;
    json::object resource;
};

// Each of a ConfigMap that is planned before the Secret.
std::vector<Copy> copies() {
    const auto data = [](const std::string &text) { return resource("copy", "ConfigMap", {{"data", {{"x", text}}}}); };
    return {
        {"as it is", data(password)},
        {"within a URL", data("redis://:" + password + "@db")},
        {"with a line end", data(password + "\n")},
        {"indented",
         data(
             "tls:\n  key: |\n    -----BEGIN X KEY-----\n    MIIEvQIBADANBgkq\n    hkiG9w0BAQEFAASC\n    -----END X KEY-----\n")},
        {"URL-encoded", data("redis://:Tr1cky%2FPass%2Bword%26%222%22@db")},
        {"as JSON", data(json::serialize(json::object{{"p", password}, {"k", key}}))},
        {"as base64", data("VHIxY2t5L1Bhc3Mrd29yZCYiMiI=")},
        {"base64 of user:password", data("Basic YWRtaW46VHIxY2t5L1Bhc3Mrd29yZCYiMiI=")},
        {"dockerconfigjson", data(R"({"auths":{"r.example.com":{"auth":"YWRtaW46VHIxY2t5L1Bhc3Mrd29yZCYiMiI="}}})")},
        {"binaryData", resource("copy", "ConfigMap", {{"binaryData", {{"x", "YWRtaW46VHIxY2t5L1Bhc3Mrd29yZCYiMiI="}}}})},
        {"in an annotation", resource("copy", "ConfigMap", {},
                                      {{"annotations", {{"example.com/was", json::serialize(json::object{{"p", password}})}}}})},
        {"as the cluster's bad value", resource("copy", "ConfigMap", {{"data", {{"x", json::array{password, key}}}}})},
        {"as a label's value, which it can't be", resource("copy", "ConfigMap", {}, {{"labels", {{"x", password}}}})},
        {"as a label's key, which it can't be", resource("copy", "ConfigMap", {}, {{"labels", {{password, "x"}}}})},
        {"as a key", resource("copy", "ConfigMap", {{"data", {{password, "x"}}}})},
        {"in a risk",
         resource("copy", "Service",
                  {{"spec",
                    {{"type", "LoadBalancer"}, {"externalName", password}, {"ports", {{{"port", 80}, {"name", password}}}}}}})},
        {"in another Secret", resource("copy", "Secret", {{"stringData", {{"x", "a " + password}}}})},
        {"in a List", resource("copy", "ConfigMap",
                               {{"items", {{{"apiVersion", "v1"}, {"kind", "Secret"}, {"stringData", {{"x", password}}}}}}})},
        {"in a field that nobody knows", resource("copy", "ConfigMap", {{"extra", {{"deep", {{"list", {password}}}}}}})},
    };
}

void check_hidden(const std::string &text) {
    for (const std::string &trace : traces) CHECK_THAT(text, !ContainsSubstring(trace));
}

} // namespace

TEST_CASE("a copy of a Secret's value that is planned before it shows in no format, no state and no log") {
    DaemonProcess daemon(reviewed, "default_target: scratch\nlog_level: debug\n");
    HttpClient client = daemon.connect();
    for (const Copy &copy : copies()) {
        json::array resources;
        for (int i = 0; i < 16; ++i) { // more than are planned at once
            json::object each = copy.resource;
            each["name"] = "copy-" + std::to_string(i);
            each.at("properties").at("metadata").as_object()["name"] = "copy-" + std::to_string(i);
            resources.push_back(std::move(each));
        }
        resources.push_back(login());
        for (const char *format : formats)
            for (const char *query : {"?dryRun=true", "?dryRun=true&strategy=apply"}) {
                const HttpAnswer answer = client.send("POST", std::string("/configurations") + query, body(resources),
                                                      {{"Accept", format}, {"Content-Type", "application/json"}});
                INFO(copy.way << ", " << format << query << "\n" << answer.body);
                CHECK(answer.status == 200);
                check_hidden(answer.body);
                CHECK_THAT(answer.body, ContainsSubstring("copy-15") && ContainsSubstring("secret "));
            }
    }
    check_hidden(daemon.log());
}

TEST_CASE("what the cluster refuses quotes no Secret of the configuration, in states and in the log") {
    DaemonProcess daemon(reviewed, "default_target: scratch\nlog_level: debug\n");
    HttpClient client = daemon.connect();
    for (const Copy &copy : copies()) {
        const HttpAnswer answer = client.send("POST", "/configurations", body({copy.resource, login()}), wants_json);
        INFO(copy.way << "\n" << answer.body);
        const json::value answered = json::parse(answer.body);
        check_hidden(json::serialize(answered.at("resources").at(0).at("state")));
        client.send("DELETE", "/configurations", body({copy.resource, login()}), wants_json);
    }
    for (const json::value &wrong : json::array{918273645, true, json::array{"n0t-the-0ld"}, json::object{{"n0t-the-0ld", 1}}}) {
        const std::string text = body({secret({{"pw", wrong}})});
        for (const char *query : {"?", "?strategy=apply&"}) {
            const std::string path = std::string("/configurations") + query;
            const HttpAnswer done = client.send("POST", path, text, wants_json);
            const std::string state = json::serialize(json::parse(done.body).at("resources").at(0).at("state"));
            CHECK_THAT(state, ContainsSubstring("stringData.pw") && !ContainsSubstring("918273645") &&
                                  !ContainsSubstring("n0t-the-0ld"));
            for (const char *format : formats) {
                const HttpAnswer planned = client.send("POST", path + "dryRun=true", text, {{"Accept", format}});
                INFO(format << "\n" << planned.body);
                CHECK_THAT(planned.body, ContainsSubstring("stringData"));
                CHECK_THAT(planned.body, !ContainsSubstring("918273645") && !ContainsSubstring("n0t-the-0ld"));
            }
        }
    }
    INFO(daemon.log());
    check_hidden(daemon.log());
    CHECK_THAT(daemon.log(), !ContainsSubstring("918273645"));
}

TEST_CASE("a copy of what a Secret held before, in the cluster or in an annotation, shows in no format") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    const std::string older = R"({"apiVersion":"v1","kind":"Secret","stringData":{"password":"0lder-than-old"}})";
    const json::object before = resource("login", "Secret", {{"stringData", {{"password", "0ld-enough-now"}}}},
                                         {{"annotations", {{"kubectl.kubernetes.io/last-applied-configuration", older}}}});
    const auto copy = [](const std::string &text) { return resource("copy", "ConfigMap", {{"data", {{"x", text}}}}); };
    REQUIRE(client.send("POST", "/configurations", body({copy("a 0ld-enough-now, b 0lder-than-old"), before})).status == 201);
    for (const char *method : {"PUT", "DELETE"})
        for (const char *format : formats) {
            const HttpAnswer answer =
                client.send(method, "/configurations?dryRun=true", body({copy("a 0ld-enough-now, c 0lder-than-old"), login()}),
                            {{"Accept", format}});
            INFO(method << " " << format << "\n" << answer.body);
            CHECK(answer.status == 200);
            for (const char *value : {"0ld-enough", "0lder-than"}) CHECK_THAT(answer.body, !ContainsSubstring(value));
            CHECK_THAT(answer.body, ContainsSubstring("secret "));
        }
}

TEST_CASE("what is no copy is shown") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    struct Row {
        const char *what, *value, *shown;
    };
    const Row rows[] = {
        {"an image tag that is a short value", "1.27.3", "registry.example.com/nginx:1.27.3"},
        {"an image that a plain word is in", "production", "registry.example.com/production/nginx:latest"},
        {"latest", "latest", "nginx:latest"},
        {"true", "true", "enabled=true"},
        {"admin", "admin", "https://admin.example.com"},
        {"a short value within a sentence", "web", "the web is full of words"},
        {"a namespace's name", "default", "postgres.default.svc"},
        {"English", "available", "Whatever is available"},
        {"the beginning of a value", "s3cr3t-and-long", "s3cr3t-and-lone"},
        {"other capitals", "S3CR3T-and-long", "s3cr3t-and-long"},
        {"nothing but white space", " \n", "a b"},
    };
    for (const Row &row : rows)
        for (const char *format : formats) {
            const HttpAnswer answer =
                client.send("POST", "/configurations?dryRun=true",
                            body({resource("copy", "ConfigMap", {{"data", {{"x", row.shown}}}}), secret({{"value", row.value}})}),
                            {{"Accept", format}});
            INFO(row.what << ", " << format << "\n" << answer.body);
            CHECK_THAT(answer.body, ContainsSubstring(row.shown));
        }
    const HttpAnswer whole =
        client.send("POST", "/configurations?dryRun=true",
                    body({resource("copy", "ConfigMap", {{"data", {{"x", "hunter2"}}}}), secret({{"value", "hunter2"}})}));
    CHECK_THAT(whole.body, !ContainsSubstring("hunter2"));
}

TEST_CASE("a key that is taken out of an applied Secret's stringData is gone, and the plan says so") {
    DaemonProcess daemon(reviewed, "default_target: scratch\n");
    HttpClient client = daemon.connect();
    const std::string first = body({secret({{"user", "admin-user"}, {"password", "a-long-password-1"}})}),
                      then = body({secret({{"user", "admin-user"}})});
    REQUIRE(client.send("PUT", "/configurations?strategy=apply", first).status == 200);
    const HttpAnswer planned = client.send("PUT", "/configurations?strategy=apply&dryRun=true", then, wants_json);
    INFO(planned.body);
    const json::value plan = json::parse(planned.body);
    CHECK(plan.at("resources").at(0).at("action") == "update");
    CHECK(plan.at("resources").at(0).at("changes").at(0).at("path") == "data.password");
    CHECK_FALSE(plan.at("resources").at(0).at("changes").at(0).as_object().contains("after"));
    REQUIRE(client.send("PUT", "/configurations?strategy=apply", then).status == 200);
    CHECK(json::parse(client.send("GET", "/configurations/secrets/login", {}, wants_json).body).at("data") ==
          json::object{{"user", "YWRtaW4tdXNlcg=="}});
    const HttpAnswer again = client.send("PUT", "/configurations?strategy=apply", then, wants_json);
    CHECK(json::parse(again.body).at("resources").at(0).at("state").at("status") == "Unchanged");
}
