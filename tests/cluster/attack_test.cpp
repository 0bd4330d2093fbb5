// SPDX-License-Identifier: Apache-2.0
//
// Hostile values in every field of a request that could reach a path, a header or an argument, against a real API server: by what
// it noted, nothing arrives but what was meant.
#include "cluster/audit.hpp"
#include "cluster/audited_plane.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <functional>
#include <memory>
#include <regex>
#include <set>
#include <span>

using namespace rsf::test;
namespace json = boost::json;

namespace {

using namespace std::string_literals;
using Texts = std::vector<std::string>;

constexpr std::string_view setup = R"(
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: victim}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: kept, namespace: victim}, data: {a: b}}
- {apiVersion: v1, kind: Secret, metadata: {name: key, namespace: victim}, data: {password: aHVudGVyMg==}}
- {apiVersion: v1, kind: Namespace, metadata: {name: hostile}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: kept, namespace: hostile}, data: {a: b}}
)";

const Texts payloads{
    // another request
    " HTTP/1.1\r\nHost: localhost\r\n\r\nDELETE /api/v1/namespaces/victim HTTP/1.1\r\nX: y",
    "\r\n\r\nDELETE /api/v1/namespaces/victim HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\nX-Remote-User: admin", "\r\n", "\n",
    "\r", "\t", " ", "\0"s, "\x7F", "\x1B[2J", "\xC2\x85", "\xC2\xA0", "\xE2\x80\xA8", "\xC4\x8D\xC4\x8A", "\xEF\xBB\xBF",
    "\xF0\x9F\x98\x80",
    // another path
    "/", "//", ".", "..", "../victim", "/../../namespaces/victim", "/proxy", "/status", "/finalize", "/log", "\\", "..\\", ";x=1",
    "\xEF\xBC\x8F", "namespaces/victim", "v1/namespaces/victim", "http://localhost/api/v1/namespaces/victim", "//localhost/api",
    // encoded once already
    "%2F", "%2fproxy%2f", "%2F..%2F..%2Fnamespaces%2Fvictim", "%252F", "%00", "%0d%0a", "%2e%2e", "%20HTTP/1.1%0d%0a",
    // a query
    "?", "?watch=1", "?dryRun=", "?x=1&y=2", "&watch=1", "&dryRun=", "#", "?fieldManager=x", "=", "+",
    // an argument
    "-", "--raw=/api/v1/namespaces/victim", "--all", "-A", "-nvictim", "--namespace=victim", "-f/etc/passwd", "--kubeconfig=/x",
    "--server=http://127.0.0.1:1", "all", "all,secrets", ",secrets", "secrets/key", "*", "$(id)", "`id`", "{{.}}", "@/etc/passwd",
    // a key
    "Items", "item\xC5\xBF", "\xE2\x84\xAAind"};

std::string encoded(const std::string &text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        result.append({'%', hex[byte >> 4U], hex[byte & 15U]});
    }
    return result;
}

// The payloads alone, around what would be right, and encoded.
Texts hostile(const std::string &right) {
    Texts values;
    for (const std::string &payload : payloads)
        for (std::string value : {payload, right + payload, payload + right, right + payload + right, right + encoded(payload)})
            values.push_back(std::move(value));
    return values;
}

// A resource with value in one field of it. number: tells the objects of one request apart.
struct Position {
    const char *title;
    std::string right;   // what would be right there
    bool is_often_valid; // many of the values make objects that the cluster is asked about
    json::object (*resource)(const std::string &value, const std::string &number);
};

json::object config_map(const std::string &number) {
    return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "k" + number}, {"namespace", "hostile"}}}};
}
json::object resource(const std::string &number, json::object object, std::string_view type = "ConfigMap") {
    return {{"name", "r" + number}, {"type", type}, {"properties", std::move(object)}};
}
json::object with(json::object object, std::string_view key, const json::value &value) {
    object[key] = value;
    return object;
}

const std::vector<Position> positions{
    {"apiVersion", "v1", false,
     [](const std::string &value, const std::string &number) {
         return resource(number, with(config_map(number), "apiVersion", json::string(value)));
     }},
    {"apiVersion of a group", "apps/v1", false,
     [](const std::string &value, const std::string &number) {
         return resource(number, with(with(config_map(number), "kind", "Foo"), "apiVersion", json::string(value)), "Foo");
     }},
    {"kind", "ConfigMap", false,
     [](const std::string &value, const std::string &number) {
         return resource(number, with(config_map(number), "kind", json::string(value)));
     }},
    {"name", "x", true,
     [](const std::string &value, const std::string &number) {
         return resource(
             number, {{"apiVersion", "rbac.authorization.k8s.io/v1"}, {"kind", "ClusterRole"}, {"metadata", {{"name", value}}}},
             "ClusterRole");
     }},
    {"namespace", "hostile", false,
     [](const std::string &value, const std::string &number) {
         json::object object = config_map(number);
         object["metadata"].as_object()["namespace"] = value;
         return resource(number, std::move(object));
     }},
    {"namespace of what has none", "hostile", false,
     [](const std::string &value, const std::string &number) {
         return resource(number,
                         {{"apiVersion", "rbac.authorization.k8s.io/v1"},
                          {"kind", "ClusterRole"},
                          {"metadata", {{"name", "c" + number}, {"namespace", value}}}},
                         "ClusterRole");
     }},
    {"type", "ConfigMap", true,
     [](const std::string &value, const std::string &number) { return resource(number, config_map(number), value); }},
    {"name from the resource", "x", false,
     [](const std::string &value, const std::string &) {
         return json::object{
             {"name", value}, {"type", "ConfigMap"}, {"properties", {{"apiVersion", "v1"}, {"kind", "ConfigMap"}}}};
     }},
    {"key", "items", true,
     [](const std::string &value, const std::string &number) {
         const json::value binding{
             {"apiVersion", "rbac.authorization.k8s.io/v1"},
             {"kind", "ClusterRoleBinding"},
             {"metadata", {{"name", "evil"}}},
             {"roleRef", {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "ClusterRole"}, {"name", "admin"}}}};
         return resource(number, with(config_map(number), value, json::array{binding}));
     }},
};

const HttpHeaders as_json{{"Accept", "application/json"}, {"Content-Type", "application/json"}};

// Sends them in as few requests as there can be: what makes a request 400 is sent alone. Returns how many were sent.
std::size_t send(HttpClient &client, const std::string &method, const std::string &target,
                 std::span<const json::object> resources) {
    const json::object body{{"resources", json::array(resources.begin(), resources.end())}};
    const HttpAnswer answer = client.send(method, target, json::serialize(body), as_json);
    INFO(method << " " << target << " " << answer.body);
    CHECK(answer.status != 500);
    CHECK(answer.status != 503);
    if (answer.status != 400 || resources.size() == 1) return resources.size();
    const auto half = resources.size() / 2;
    return send(client, method, target, resources.first(half)) + send(client, method, target, resources.subspan(half));
}

std::string kubectl_says(const std::vector<std::string> &arguments) {
    const Ended ended = audited_plane().run_kubectl(arguments);
    REQUIRE(ended.exit_code == 0);
    return ended.out;
}

// All that the attack was about: there, and as it was.
std::string victim() {
    return kubectl_says(
               {"get", "namespace/victim", "--output=jsonpath={.metadata.uid} {.metadata.resourceVersion} {.status.phase}"}) +
           kubectl_says({"get", "configmap/kept", "secret/key", "--namespace=victim",
                         "--output=custom-columns=:kind,:metadata.name,:metadata.uid,:metadata.resourceVersion"});
}

std::string text_in(const json::object &event, std::string_view pointer) {
    boost::system::error_code missing;
    const json::value whole(event);
    const json::value *found = whole.find_pointer(pointer, missing);
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

// Whether a request is one of those that the driver or its kubectl makes for objects of this test.
bool is_meant(const json::object &event) {
    static const std::regex discovery("/(api|apis|version|openapi/v2|api/[a-z0-9-]+|apis/[a-z0-9.-]+(/[a-z0-9-]+)?|"
                                      "apis/apiregistration[.]k8s[.]io/v1/apiservices/[a-z0-9.-]+)");
    static const std::regex objects(
        "/api/v1/namespaces/(all|hostile|-|nvictim)+(/configmaps(/[^/]+)?)?|/apis/rbac[.]authorization[.]k8s[.]io/v1/"
        "clusterroles(/[^/]+)?");
    static const std::regex hidden("%(2F|25|0.|1.|7F)", std::regex::icase);
    static const std::set<std::string> queries{"timeout", "dryRun",        "fieldManager",  "fieldValidation", "force",
                                               "limit",   "labelSelector", "fieldSelector", "resourceVersion"};
    const std::string uri = text_in(event, "/requestURI");
    const std::string path = uri.substr(0, uri.find('?'));
    if (std::regex_search(path, hidden) || !text_in(event, "/objectRef/subresource").empty()) return false;
    const bool is_object = std::regex_match(path, objects);
    if (!is_object && !(std::regex_match(path, discovery) && event.at("verb") == "get")) return false;
    if (text_in(event, "/objectRef/resource") == "namespaces" && is_write(event)) return false;
    for (std::string rest = path.size() < uri.size() ? uri.substr(path.size() + 1) : ""; !rest.empty();) {
        const std::string each = rest.substr(0, rest.find('&'));
        rest = each.size() < rest.size() ? rest.substr(each.size() + 1) : "";
        if (queries.count(each.substr(0, each.find('='))) == 0) return false;
    }
    return true;
}

Texts not_meant(const std::vector<json::object> &events) {
    Texts found;
    for (const json::object &event : events)
        if (!is_meant(event))
            found.push_back(text_in(event, "/verb") + " " + text_in(event, "/requestURI") + " of " +
                            text_in(event, "/userAgent"));
    return found;
}

void read_all(const DaemonProcess &daemon, const std::string &target, bool is_process_each) {
    std::unique_ptr<HttpClient> client(new HttpClient(daemon.connect()));
    const auto get = [&](const std::string &path) {
        const HttpAnswer answer = client->send("GET", target + "/configurations/" + path, {}, wants_json);
        INFO(path << " " << answer.body);
        CHECK(answer.status != 500);
        if (const auto found = answer.headers.find("connection"); found != answer.headers.end() && found->second == "close")
            client.reset(new HttpClient(daemon.connect()));
    };
    const auto each = [&](const std::string &right, std::size_t step,
                          const std::function<std::string(const std::string &)> &path) {
        const Texts values = hostile(right);
        for (std::size_t i = 0; i < values.size(); i += step) get(path(encoded(values[i])));
    };
    const std::size_t rarely = is_process_each ? 23 : 1; // a kubectl for each takes its time
    each("cm", 1, [](const std::string &value) { return value + "/kept"; });
    each("cm", 1, [](const std::string &value) { return value; });
    each("kept", is_process_each ? 5 : 1, [](const std::string &value) { return "cm/" + value; });
    each("hostile", 1, [](const std::string &value) { return "cm?namespace=" + value; });
    each("a=b", rarely, [](const std::string &value) { return "cm?labelSelector=" + value; });
    each("metadata.name=b", rarely, [](const std::string &value) { return "cm?fieldSelector=" + value; });
}

} // namespace

TEST_CASE("of hostile values in every field, nothing reaches the API server but what was meant") {
    const TempFolder folder;
    write_file(folder.path() / "setup.yaml", setup);
    REQUIRE(audited_plane().run_kubectl({"create", "-f", (folder.path() / "setup.yaml").string()}).exit_code == 0);
    const std::string kubectl = audited_plane().kubectl(), config = audited_plane().kubeconfig();
    const DaemonProcess daemon(
        target_prod("  direct: {driver: kubectl, concurrency: 8, settings: {kubectl: " + kubectl + ", config: " + config +
                    ", namespace: hostile}}\n  exec: {driver: kubectl, settings: {kubectl: " + kubectl + ", config: " + config +
                    ", namespace: hostile, transport: exec}}\n" + "  review: {driver: dryrun, settings: {over: direct}}\n"),
        "default_target: direct\n");
    const std::string before = victim();
    const std::size_t from = audit_size();

    for (const Position &position : positions) {
        const Texts values = hostile(position.right);
        CHECK(values.size() >= 300);
        for (const char *target : {"/targets/direct", "/targets/exec", "/targets/review"})
            for (const char *method : {"POST", "PUT", "DELETE"})
                for (const char *query : {"?dryRun=All", ""}) {
                    std::vector<json::object> resources;
                    // All are created; some are planned, put and deleted, too. kubectl makes no more than five objects a second.
                    const bool is_all = method == "POST"s && *query == '\0';
                    const bool is_slow = target == "/targets/exec"s && position.is_often_valid;
                    for (std::size_t i = 0; i < values.size(); i += is_slow ? is_all ? 7 : 37 : is_all ? 1 : 11)
                        resources.push_back(position.resource(values[i], std::to_string(i)));
                    INFO(position.title << " " << target << " " << method << " " << query);
                    HttpClient client = daemon.connect();
                    CHECK(send(client, method, std::string(target) + "/configurations" + query, resources) == resources.size());
                }
    }
    for (const std::string &ns : hostile("hostile")) {
        const json::object one{
            {"resources", {resource("1", {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "q"}}}})}}};
        for (const char *target : {"/targets/direct", "/targets/exec", "/targets/review"})
            CHECK(
                daemon.connect()
                    .send("POST", std::string(target) + "/configurations?namespace=" + encoded(ns), json::serialize(one), as_json)
                    .status != 500);
    }
    read_all(daemon, "/targets/direct", false);
    read_all(daemon, "/targets/review", false);
    read_all(daemon, "/targets/exec", true);

    const std::vector<json::object> events = audited(from);
    CHECK(not_meant(events) == Texts());
    CHECK(watches_of("resourcifierd/", from) == Texts());
    std::set<std::string> verbs; // or else this test would see nothing
    for (const json::object &event : events) verbs.insert(text_in(event, "/verb") + (is_dry_run(event) ? ", dry" : ""));
    for (const char *verb : {"create", "update", "delete", "create, dry", "delete, dry", "get", "list"})
        CHECK(verbs.count(verb) == 1);
    CHECK(victim() == before);
    CHECK(kubectl_says({"get", "clusterrolebindings", "--ignore-not-found", "evil"}).empty());
}
