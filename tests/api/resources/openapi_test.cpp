// SPDX-License-Identifier: Apache-2.0
//
// docs/openapi.json says what the API does, no more and no less.
#include "api/resources/openapi.hpp"

#include "api/answer/report.hpp"
#include "api/request/router.hpp"
#include "api/room.hpp"
#include "api/schema.hpp"
#include "drivers/call.hpp"
#include "http/problem.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

using namespace rsf::api::test;

namespace {

using Kind = Route::Kind;
using Words = std::set<std::string>;
using Pairs = std::set<std::pair<unsigned, std::string>>; // a status, and what a problem's type ends in

const std::filesystem::path root = std::filesystem::path(TEST_SOURCE_DIR).parent_path();

const json::value &document() {
    static const json::value parsed = json::parse(openapi_document);
    return parsed;
}

const json::object &paths() { return document().at("paths").as_object(); }

// An id as operations have them, of none.
constexpr std::string_view an_id = "01KBJ6W3F0T8Q5Z2M7C4X9R1DV";

// "/targets/{target}/healthz" as a client would write it.
std::string filled(std::string path) {
    for (const auto &[hole, word] : std::vector<std::pair<std::string, std::string>>{
             {"{target}", "prod"}, {"{type}", "cm"}, {"{name}", "a"}, {"{id}", std::string(an_id)}})
        if (const auto at = path.find(hole); at != path.npos) path.replace(at, hole.size(), word);
    return path;
}

std::string upper(std::string word) {
    std::ranges::transform(word, word.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    return word;
}

// A value that a query parameter of that name takes.
std::string value_for(const std::string &name) {
    static const std::map<std::string, std::string> values{{"strategy", "apply"},
                                                           {"state", "running"},
                                                           {"since", "2026-12-01T10:15:00Z"},
                                                           {"until", "2026-12-01T10:15:00Z"},
                                                           {"object", "ConfigMap/default/settings"},
                                                           {"limit", "100"},
                                                           {"after", std::string(an_id)}};
    const auto found = values.find(name);
    return found == values.end() ? "true" : found->second;
}

const json::value &resolved(const json::value &value) {
    const json::value *reference = value.as_object().if_contains("$ref");
    return reference ? document().at_pointer(std::string_view(reference->as_string()).substr(1)) : value;
}

// The names of an operation's parameters that are in that place.
Words parameters(const json::value &operation, std::string_view in) {
    Words names;
    if (const json::value *list = operation.as_object().if_contains("parameters"))
        for (const json::value &parameter : list->as_array())
            if (resolved(parameter).at("in").as_string() == in) names.emplace(resolved(parameter).at("name").as_string());
    return names;
}

const json::value &schema(std::string_view name) { return document().at("components").at("schemas").at(name); }

const json::value &example_of(std::string_view name) { return document().at("components").at("examples").at(name).at("value"); }

std::string wrong_with(const std::string &name, std::string_view body) {
    return Schemas(document()).judge(schema(name), json::parse(body));
}

// The problems that are told of with a schema of their own.
Pairs documented_problems() {
    Pairs pairs;
    for (const auto &[name, response] : document().at("components").at("responses").as_object()) {
        const json::value &problem = response.at("content").at("application/problem+json").at("schema");
        if (!problem.as_object().contains("allOf")) continue;
        const json::value &more = problem.at("allOf").at(1).at("properties");
        for (const json::value &type : more.at("type").at("enum").as_array())
            pairs.emplace(more.at("status").at("const").to_number<unsigned>(),
                          std::string(type.as_string()).substr(std::string("urn:resourcifier:problem:").size()));
    }
    return pairs;
}

// The problems that the API has: those that its sources write out, and those of codes.
Pairs problems() {
    Pairs pairs{{502, "not-all-deleted"}};
    static const std::regex written(R"re(\b([45]\d\d),\s*"([a-z-]+)")re"), of_heads(R"re(\bfail\((\d{3}),)re");
    std::vector<std::filesystem::path> sources;
    for (const char *module : {"api", "http"})
        for (const auto &entry : std::filesystem::recursive_directory_iterator(root / "daemon" / module))
            if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp") sources.push_back(entry.path());
    for (const std::filesystem::path &source : sources) {
        const std::string text = rsf::test::read_file(source);
        for (std::sregex_iterator found(text.begin(), text.end(), written), end; found != end; ++found)
            pairs.emplace(std::stoul((*found)[1]), (*found)[2]);
        if (source.filename() == "head.cpp")
            for (std::sregex_iterator found(text.begin(), text.end(), of_heads), end; found != end; ++found)
                pairs.emplace(std::stoul((*found)[1]), "bad-request");
    }
    for (int code = 0; code <= static_cast<int>(Code::internal); ++code) {
        const Code known{code};
        pairs.emplace(status_of(known), kind_of(known));
        const Problem refused = problem_of_refusal(Failure(known, "no"));
        pairs.emplace(refused.status, refused.kind);
    }
    return pairs;
}

} // namespace

TEST_CASE("openapi.json is served as it is in docs/, whatever Accept says") {
    Room room;
    const Response response = room.ask("GET", "/openapi.json", {}, {{"Accept", "text/html"}});
    CHECK(response.status == 200);
    CHECK(response.content_type == "application/json");
    CHECK(response.body == rsf::test::read_file(root / "docs" / "openapi.json"));
    CHECK(room.ask("GET", "/openapi.json?x=y").status == 400);
    CHECK(document().at("openapi") == "3.1.0");
    CHECK(document().at("info").at("version") == RESOURCIFIER_VERSION);
}

TEST_CASE("each path of openapi.json is a route, with the methods that are there") {
    for (const auto &[path, item] : paths()) {
        INFO(path);
        const auto route = find_route(filled(path));
        REQUIRE(route.has_value());
        Words methods{"OPTIONS"};
        for (const auto &[method, operation] : item.as_object()) methods.insert(upper(method));
        if (methods.contains("GET")) methods.insert("HEAD");
        std::string allowed(allowed_methods(route->kind));
        std::ranges::replace(allowed, ',', ' ');
        std::istringstream words(allowed);
        CHECK(methods == Words(std::istream_iterator<std::string>(words), {}));
    }
}

TEST_CASE("each route has its paths in openapi.json, under a target too where it stands there") {
    const std::vector<std::string> routes{"/configurations",
                                          "/configurations/{type}",
                                          "/configurations/{type}/{name}",
                                          "/healthz",
                                          "/livez",
                                          "/readyz",
                                          "/metrics",
                                          "/openapi.json",
                                          "/operations",
                                          "/operations/{id}",
                                          "/operations/{id}/events",
                                          "/operations/{id}/cancel",
                                          "/targets",
                                          "/targets/{target}"};
    Words expected, kinds;
    for (const std::string &route : routes)
        for (const std::string &path : {route, "/targets/{target}" + route})
            if (const auto found = find_route(filled(path))) {
                expected.insert(path);
                kinds.insert(std::to_string(static_cast<int>(found->kind)));
            }
    Words documented;
    for (const auto &[path, item] : paths()) documented.emplace(path);
    CHECK(documented == expected);
    CHECK(kinds.size() == static_cast<std::size_t>(Kind::cancel) + 1); // the last of them: none is left out above
}

TEST_CASE("the query parameters of openapi.json are those that each route knows") {
    for (const auto &[path, item] : paths()) {
        const Kind kind = find_route(filled(path)).value().kind;
        const auto known = known_parameters(kind);
        for (const auto &[method, operation] : item.as_object()) {
            INFO(method << " " << path);
            Words expected(known.begin(), known.end());
            if (method == "delete") expected.erase("strategy");
            CHECK(parameters(operation, "query") == expected);
            Words holes;
            for (const char *hole : {"target", "type", "name", "id"})
                if (std::string_view(path).find("{" + std::string(hole) + "}") != std::string_view::npos) holes.insert(hole);
            CHECK(parameters(operation, "path") == holes);
            // What is not said there is refused, but by probes.
            if (kind == Kind::health || kind == Kind::live || kind == Kind::metrics) continue;
            Room room;
            const std::string url = filled(path);
            CHECK(room.ask(upper(method), url + "?namespaze=x", "resources: []").status == 400);
            for (const std::string &name : expected) {
                const Response response = room.ask(upper(method), url + "?" + name + "=" + value_for(name),
                                                   method == "get" ? "" : "resources: [{name: a, type: b}]");
                CHECK_THAT(response.body, !ContainsSubstring("bad-query"));
            }
        }
    }
}

TEST_CASE("the problems of openapi.json are those that there are, each with its status") {
    Pairs expected = problems();
    Words types, statuses;
    for (const auto &[status, type] : expected) {
        types.insert("urn:resourcifier:problem:" + type);
        statuses.insert(std::to_string(status));
        CHECK(reason_phrase(status) != "Unknown");
    }
    Words told_types, told_statuses;
    for (const json::value &type : schema("Problem").at("properties").at("type").at("enum").as_array())
        told_types.emplace(type.as_string());
    for (const json::value &status : schema("Problem").at("properties").at("status").at("enum").as_array())
        told_statuses.insert(json::serialize(status));
    CHECK(told_types == types);
    CHECK(told_statuses == statuses);
    CHECK(expected.erase({405, "method-not-allowed"}) == 1); // of no operation that is told of
    CHECK(documented_problems() == expected);
}

TEST_CASE("the plan of openapi.json is that of plan.schema.json") {
    json::object plan = json::parse(rsf::test::read_file(root / "docs" / "plan.schema.json")).as_object();
    const json::object parts = plan.at("$defs").as_object();
    plan.erase("$defs");
    plan.erase("$schema");
    const auto renamed = [](const json::object &of) {
        return json::parse(std::regex_replace(json::serialize(of), std::regex(R"(#/\$defs/)"), "#/components/schemas/Plan."));
    };
    CHECK(schema("Plan") == renamed(plan));
    for (const auto &[name, part] : parts) CHECK(schema("Plan." + std::string(name)) == renamed(part.as_object()));
}

TEST_CASE("the media types of openapi.json are those that are answered and read") {
    Room room;
    const json::value &post = paths().at("/configurations").at("post");
    for (const auto &[type, content] : post.at("requestBody").at("content").as_object()) {
        INFO(type);
        CHECK(room.ask("POST", "/configurations", "resources: [{name: a, type: b}]", {{"Content-Type", type}}).status == 201);
    }
    for (const auto &[type, content] : post.at("responses").at("200").at("content").as_object()) {
        INFO(type);
        const Response response =
            room.ask("POST", "/configurations?dryRun=true", "resources: [{name: a, type: b}]", {{"Accept", type}});
        CHECK(response.status == 200);
        CHECK(response.content_type.substr(0, response.content_type.find(';')) == type);
    }
    for (const auto &[type, content] : paths().at("/targets").at("get").at("responses").at("200").at("content").as_object())
        CHECK(room.ask("GET", "/targets", {}, {{"Accept", type}}).status == 200);
}

TEST_CASE("each example of openapi.json is of its schema") {
    const std::pair<const char *, const char *> rows[] = {
        {"Configuration", "Configuration"}, {"Created", "Report"},  {"Unchanged", "Report"},      {"Replaced", "Report"},
        {"SomeFailed", "Report"},           {"Plan", "Plan"},       {"Target", "Target"},         {"Targets", "Targets"},
        {"Running", "Operation"},           {"Ended", "Operation"}, {"Operations", "Operations"},
    };
    for (const auto &[example, of] : rows) {
        INFO(example);
        CHECK(wrong_with(of, json::serialize(example_of(example))) == "");
    }
    for (const auto &[name, response] : document().at("components").at("responses").as_object()) {
        INFO(name);
        const json::value &content = response.at("content");
        const json::value &problem = content.at("application/problem+json").at("example");
        CHECK(wrong_with("Problem", json::serialize(problem)) == "");
        CHECK(content.at("text/plain").at("example").as_string().starts_with(problem.at("detail").as_string()));
        CHECK(problem.at("title").as_string() == reason_phrase(problem.at("status").to_number<unsigned>()));
    }
}

TEST_CASE("what is answered is as openapi.json says") {
    Room room;
    const std::string example = json::serialize(example_of("Configuration"));
    CHECK(wrong_with("Configuration", example) == "");
    CHECK(wrong_with("Report", room.ask("POST", "/configurations", example, as_json).body) == "");
    CHECK(wrong_with("Plan", room.ask("POST", "/configurations?dryRun=All", example, as_json).body) == "");
    CHECK(wrong_with("Targets", room.ask("GET", "/targets", {}, as_json).body) == "");
    const Response accepted =
        room.ask("DELETE", "/configurations?namespace=shop", example,
                 {{"Accept", "application/json"}, {"Prefer", "respond-async"}, {"Resourcifier-Reason", "a test"}});
    CHECK(accepted.status == 202);
    CHECK(wrong_with("Operation", accepted.body) == "");
    const auto cluster = std::make_shared<FakeCluster>();
    TargetLimits limits;
    limits.answer_within = std::chrono::milliseconds(50);
    Room late{cluster, TargetSet{{{"prod", fake_target("prod", cluster, limits)}}, {}, "prod"}};
    cluster->hold("b");
    const Response unfinished = late.ask("POST", "/configurations", pair, as_json);
    cluster->let_go("b");
    CHECK(unfinished.status == 202);
    CHECK(wrong_with("Report", unfinished.body) == "");
    const std::string operation = header(accepted, "Location");
    room.ask("POST", "/configurations", "resources: [{name: a, type: b, properties: {a: $(ref.a.b)}}]"); // refused as a whole
    CHECK(wrong_with("Operations", room.ask("GET", "/operations?limit=1", {}, as_json).body) == "");
    CHECK(wrong_with("Operations", room.ask("GET", "/operations", {}, as_json).body) == "");
    CHECK(wrong_with("Operation", room.ask("GET", operation, {}, as_json).body) == "");
    while (!json::parse(room.ask("GET", operation, {}, as_json).body).as_object().contains("ended")) std::this_thread::yield();
    CHECK(wrong_with("Problem", room.ask("POST", operation + "/cancel").body) == "");
    room.targets.by_name["prod"]->close();
    CHECK(wrong_with("Target", room.ask("GET", "/targets/prod", {}, as_json).body) == ""); // with a reason
    for (const char *path : {"/nope", "/configurations/cm?x=y", "/configurations/cm"})
        CHECK(wrong_with("Problem", room.ask("GET", path).body) == "");
    CHECK(wrong_with("Problem", room.ask("PUT", "/targets/review/configurations", "resources:\n- {name: a, tipe: b}\n").body) ==
          "");
    room.fail_all(Code::conflict, "it is another's");
    CHECK(wrong_with("Report", room.ask("PUT", "/targets/review/configurations", example, as_json).body) == "");
    // The judge sees what is wrong.
    CHECK(wrong_with("Problem", R"({"type": "x"})") != "");
    CHECK(wrong_with("State", R"({"status": "Created", "colour": 1})") == " has colour too many");
}
