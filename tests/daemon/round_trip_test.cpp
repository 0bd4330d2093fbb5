// SPDX-License-Identifier: Apache-2.0
//
// Whatever goes in comes out: text over all of Unicode and numbers in all spellings, posted as JSON and as YAML, over the line to
// the driver's process, kept in its folder, and read back in both formats.
#include "parse/document.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"
#include "support/random_text.hpp"

#include <resourcifier/json_text.hpp>

#include <cmath>

using namespace rsf::test;
using rsf::parse::read_json;
using rsf::parse::read_yaml;
namespace json = boost::json;

namespace {

constexpr int objects = 100, values_each = 1000;

// Numbers are the same when they are equal: 1 and 1.0 are one number, to JSON and to Go.
bool same(const json::value &a, const json::value &b) {
    if (a.is_number() && b.is_number() && (a.is_double() || b.is_double())) return a.to_number<double>() == b.to_number<double>();
    return a == b;
}

struct Values {
    std::vector<std::string> spelled; // as JSON, numbers as they were made
    json::array meant;
};

Values random_values(RandomText &random) {
    Values values;
    while (values.meant.size() < values_each) {
        const bool is_number = random.pick(4) == 0;
        std::string spelled = is_number ? random.number() : rsf::json_text(json::value(random.text()));
        values.meant.push_back(read_json(spelled, {})->value);
        values.spelled.push_back(std::move(spelled));
    }
    return values;
}

// The values in a list, and as the keys and values of a mapping.
std::string properties(const Values &values, const std::string &name) {
    std::string list, map;
    for (std::size_t i = 0; i < values.spelled.size(); ++i) {
        list += (i == 0 ? "" : ",") + values.spelled[i];
        map += (i == 0 ? "" : ",") +
               rsf::json_text(json::value(std::to_string(i) + std::string(rsf::json_text(values.meant[i])))) + ":" +
               values.spelled[i];
    }
    return R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":")" + name + R"("},"spec":{"list":[)" + list +
           R"(],"map":{)" + map + "}}}";
}

std::string as_posted(const std::string &name, const std::string &object, bool as_yaml) {
    const std::string body = R"({"resources":[{"name":")" + name + R"(","type":"widgets","properties":)" + object + "}]}";
    return as_yaml ? rsf::parse::write_yaml(read_json(body, {})->value) : body;
}

constexpr std::string_view definition = R"({"resources":[{"name":"d","type":"CustomResourceDefinition","properties":{
    "apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},
    "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},
            "versions":[{"name":"v1","served":true,"storage":true}]}}}]})";

const HttpHeaders posts_json{{"Content-Type", "application/json"}}, posts_yaml{{"Content-Type", "application/yaml"}},
    wants_yaml{{"Accept", "application/x-yaml"}};

// How many values differ from what was meant.
std::size_t differing(const json::value &object, const Values &values) {
    const json::object &spec = object.at("spec").as_object();
    const json::array &list = spec.at("list").as_array();
    const json::object &map = spec.at("map").as_object();
    REQUIRE(list.size() == values.meant.size());
    REQUIRE(map.size() == values.meant.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const json::value *entry = map.if_contains(std::to_string(i) + rsf::json_text(values.meant[i]));
        if (!same(list[i], values.meant[i]) || !entry || !same(*entry, values.meant[i])) ++count;
    }
    return count;
}

json::value read_back(HttpClient &client, const std::string &name, bool as_yaml) {
    const HttpAnswer answer = client.send("GET", "/configurations/widgets/" + name, {}, as_yaml ? wants_yaml : wants_json);
    REQUIRE(answer.status == 200);
    const auto read = as_yaml ? read_yaml(answer.body, {}) : read_json(answer.body, {});
    INFO((read ? std::string() : to_string(read.error())));
    REQUIRE(read.has_value());
    return read->value;
}

} // namespace

TEST_CASE("100,000 random texts and numbers come out of a dryrun target as they went in, by every verb and in both formats") {
    const TempFolder state;
    const std::string targets = "  scratch: {driver: dryrun, settings: {state: " + (state.path() / "cluster").string() + "}}\n";
    RandomText random(20260914);
    std::vector<Values> all;
    std::size_t different = 0;
    {
        DaemonProcess daemon(targets, "default_target: scratch\n");
        HttpClient client = daemon.connect();
        REQUIRE(client.send("POST", "/configurations", definition, posts_json).status == 201);
        for (int i = 0; i < objects; ++i) {
            all.push_back(random_values(random));
            const std::string name = "w" + std::to_string(i), object = properties(all.back(), name);
            const bool as_yaml = i % 2 == 1;
            const HttpHeaders &headers = as_yaml ? posts_yaml : posts_json;
            const std::string body = as_posted(name, object, as_yaml);
            const std::string query = i % 3 == 2 ? "?strategy=apply" : "";
            const HttpAnswer made = client.send("POST", "/configurations" + query, body, headers);
            INFO(made.body);
            REQUIRE(made.status == 201);
            if (i % 3 == 1) REQUIRE(client.send("PUT", "/configurations", body, headers).status == 200);
            different += differing(read_back(client, name, false), all.back());
            different += differing(read_back(client, name, true), all.back());
        }
    }
    DaemonProcess again(targets, "default_target: scratch\n");
    HttpClient client = again.connect();
    for (int i = 0; i < objects; ++i)
        different += differing(read_back(client, "w" + std::to_string(i), false), all[static_cast<std::size_t>(i)]);
    CHECK(different == 0);
}

TEST_CASE("a number is kept as Go spells it") {
    DaemonProcess daemon("  scratch: {driver: dryrun}\n", "default_target: scratch\n");
    HttpClient client = daemon.connect();
    REQUIRE(client.send("POST", "/configurations", definition, posts_json).status == 201);
    REQUIRE(client
                .send("POST", "/configurations",
                      "resources: [{name: w, type: widgets, properties: {apiVersion: example.com/v1, kind: Widget, metadata: "
                      "{name: w}, "
                      "spec: {v: [0.5, 5E-1, 1.0, 1e3, 1e-7, 1e21, 100000000000000000000, 18446744073709551615]}}}]",
                      posts_yaml)
                .status == 201);
    const std::string body = client.send("GET", "/configurations/widgets/w", {}, wants_json).body;
    CHECK_THAT(body, ContainsSubstring("[0.5,0.5,1,1000,1e-7,1e+21,100000000000000000000,18446744073709551615]"));
}
