// SPDX-License-Identifier: Apache-2.0
#include "graph/deleted_objects.hpp"

#include "graph/sketch.hpp"
#include "support/catch.hpp"

#include <boost/json/serialize.hpp>

#include <map>
#include <string>
#include <vector>

using namespace rsf::base;
using namespace rsf::graph;
using namespace rsf::parse;
using namespace rsf::graph::test;

namespace {

using Kind = DeletedObject::Kind;

// What is live, by the resource's name. Writes down whose object was read.
struct Live {
    std::map<std::string, std::string> objects;
    Code otherwise = Code::not_found;
    std::vector<std::string> read;

    ReadLive reader() {
        return [this](const Resource &resource, const boost::json::object &properties) -> Result<LiveObject> {
            read.push_back(resource.name + " " + boost::json::serialize(properties));
            const auto found = objects.find(resource.name);
            if (found == objects.end()) return Error{otherwise, "no answer", {}, {}};
            return LiveObject{boost::json::parse(found->second), "/link/" + resource.name};
        };
    }
};

std::string text_of(const DeletedObject &object) {
    switch (object.kind) {
    case Kind::posted: return "posted";
    case Kind::resolved: return boost::json::serialize(object.properties);
    case Kind::absent: return "absent";
    case Kind::unknown: return "unknown";
    }
    return "?";
}

} // namespace

TEST_CASE("references in an object's identity are filled in from the configuration, else from the live object") {
    struct Row {
        std::string name;
        std::vector<std::pair<std::string, std::string>> resources; // the first one is looked at
        std::string says;
        std::string live; // of "web"
    };
    const std::string web = R"~({"metadata": {"name": "w", "labels": {"app": "shop"}}, "size": 3})~";
    const std::vector<Row> rows{
        {"no reference", {{"a", R"~({"kind": "Pod", "metadata": {"name": "a"}})~"}}, "posted", ""},
        {"one beside the identity",
         {{"a", R"~({"kind": "Pod", "data": "$(ref.nobody.x)", "metadata": {"labels": {"a": "$(ref.b"}}})~"}},
         "posted",
         ""},
        {"from the configuration",
         {{"a", R"~({"metadata": {"name": "$(ref.web.metadata.name)-db"}})~"}, {"web", web}},
         R"({"metadata":{"name":"w-db"}})",
         ""},
        {"into every part of the identity",
         {{"a",
           R"~({"apiVersion": "$(ref.web.metadata.labels.app)/v1", "kind": "$(ref.web.name)", "metadata": {"namespace": "$(ref.web.name)", "labels": {"x": "$(ref.web.no)"}}})~"},
          {"web", web}},
         R"~({"apiVersion":"shop/v1","kind":"w","metadata":{"namespace":"w","labels":{"x":"$(ref.web.no)"}}})~",
         ""},
        {"the whole metadata",
         {{"a", R"~({"metadata": "$(ref.web.metadata)"})~"}, {"web", web}},
         R"({"metadata":{"name":"w","labels":{"app":"shop"}}})",
         ""},
        {"a value of its own type",
         {{"a", R"~({"metadata": {"name": "$(ref.web.size)"}})~"}, {"web", web}},
         R"({"metadata":{"name":3}})",
         ""},
        {"the name that a driver fills in",
         {{"a", R"~({"metadata": {"name": "$(ref.web.name)"}})~"}, {"web", "{}"}},
         R"({"metadata":{"name":"web"}})",
         ""},
        {"not where the cluster makes one up",
         {{"a", R"~({"metadata": {"name": "$(ref.web.name)"}})~"}, {"web", R"~({"metadata": {"generateName": "w-"}})~"}},
         "absent",
         ""},
        {"through another reference",
         {{"a", R"~({"metadata": {"name": "$(ref.b.data.x)"}})~"},
          {"b", R"~({"data": {"x": "<$(ref.web.metadata.name)>"}})~"},
          {"web", web}},
         R"({"metadata":{"name":"<w>"}})",
         ""},
        {"from the live object",
         {{"a", R"~({"metadata": {"name": "x-$(ref.web.status.ip)"}})~"}, {"web", web}},
         R"({"metadata":{"name":"x-10.0.0.1"}})",
         R"({"status": {"ip": "10.0.0.1"}})"},
        {"the driver's selflink",
         {{"a", R"~({"metadata": {"name": "$(ref.web.selfLink)"}})~"}, {"web", web}},
         R"({"metadata":{"name":"/link/web"}})",
         "{}"},
        {"what stands in the configuration counts for more",
         {{"a", R"~({"metadata": {"name": "$(ref.web.size)"}})~"}, {"web", web}},
         R"({"metadata":{"name":3}})",
         R"({"size": 4})"},
        {"an escaped reference",
         {{"a", R"~({"metadata": {"name": "$$(ref.web.size)"}})~"}},
         R"~({"metadata":{"name":"$(ref.web.size)"}})~",
         ""},
        {"a live object without the value",
         {{"a", R"~({"metadata": {"name": "$(ref.web.no)"}})~"}, {"web", web}},
         "absent",
         "{}"},
        {"an object that is gone", {{"a", R"~({"metadata": {"name": "$(ref.web.status.ip)"}})~"}, {"web", web}}, "absent", ""},
        {"nobody's name", {{"a", R"~({"metadata": {"name": "$(ref.nobody.x)"}})~"}}, "absent", ""},
        {"a name that two have",
         {{"a", R"~({"metadata": {"name": "$(ref.web.size)"}})~"}, {"web", web}, {"web", web}},
         "absent",
         ""},
        {"a malformed one", {{"a", R"~({"metadata": {"name": "$(ref.web"}})~"}}, "absent", ""},
        {"a mapping within a text", {{"a", R"~({"metadata": {"name": "x$(ref.web.metadata)"}})~"}, {"web", web}}, "absent", ""},
        {"to itself", {{"a", R"~({"metadata": {"name": "$(ref.a.metadata.name)"}})~"}}, "absent", ""},
        {"to itself, live", {{"a", R"~({"metadata": {"name": "$(ref.a.status.x)"}})~"}}, "absent", ""},
        {"in a circle",
         {{"a", R"~({"metadata": {"name": "$(ref.b.name)"}})~"}, {"b", R"~({"metadata": {"name": "$(ref.a.name)"}})~"}},
         "absent",
         ""},
        {"to what can't be there",
         {{"a", R"~({"metadata": {"name": "$(ref.b.status.x)"}})~"}, {"b", R"~({"metadata": {"name": "$(ref.nobody.x)"}})~"}},
         "absent",
         ""},
        {"in a circle of resources, not of values",
         {{"a", R"~({"metadata": {"name": "$(ref.web.name)"}})~"},
          {"web", R"~({"metadata": {"name": "w"}, "data": "$(ref.a.x)"})~"}},
         R"({"metadata":{"name":"w"}})",
         ""},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        Live live;
        if (!row.live.empty()) live.objects["web"] = row.live;
        const std::vector<DeletedObject> objects = deleted_objects(configuration(row.resources), live.reader());
        REQUIRE(objects.size() == row.resources.size());
        CHECK(text_of(objects[0]) == row.says);
        CHECK((objects[0].kind == Kind::absent) == !objects[0].reason.empty());
    }
}

TEST_CASE("a cluster that does not answer leaves an identity unknown, which is not absent") {
    for (const Code code : {Code::unavailable, Code::forbidden, Code::timeout, Code::unsupported, Code::internal}) {
        Live live;
        live.otherwise = code;
        const auto objects = deleted_objects(configuration({{"a", R"~({"metadata": {"name": "$(ref.web.status.ip)"}})~"},
                                                            {"web", "{}"},
                                                            {"b", R"~({"metadata": {"name": "$(ref.a.status.x)"}})~"}}),
                                             live.reader());
        CHECK(objects[0].kind == Kind::unknown);
        CHECK_THAT(objects[0].reason, ContainsSubstring("$(ref.web.status.ip)") && ContainsSubstring("no answer"));
        CHECK(objects[1].kind == Kind::posted);
        CHECK(objects[2].kind == Kind::unknown);
    }
}

TEST_CASE("a live object is read once, by its own identity, and only where something refers to it") {
    Live live;
    live.objects["web"] = R"({"uid": "u"})";
    live.objects["b"] = R"({"uid": "v"})";
    const auto objects = deleted_objects(configuration({{"a", R"~({"metadata": {"name": "$(ref.b.uid)$(ref.b.uid)"}})~"},
                                                        {"b", R"~({"metadata": {"name": "$(ref.web.uid)"}})~"},
                                                        {"web", R"~({"metadata": {"name": "w"}})~"},
                                                        {"c", R"~({"data": "$(ref.a.x)"})~"}}),
                                         live.reader());
    CHECK(text_of(objects[0]) == R"({"metadata":{"name":"vv"}})");
    CHECK(live.read == std::vector<std::string>{R"(web {"metadata":{"name":"w"}})", R"(b {"metadata":{"name":"u"}})"});
}

TEST_CASE("references that were piled up for harm end, and are not called absent") {
    std::vector<std::pair<std::string, std::string>> fan, chain;
    for (int i = 0; i < 60; ++i) {
        const std::string next = "$(ref.r" + std::to_string(i + 1) + ".name)";
        fan.emplace_back("r" + std::to_string(i), R"({"metadata": {"name": ")" + next + next + "\"}}");
    }
    fan.emplace_back("r60", R"({"metadata": {"name": ""}})");
    for (int i = 0; i < 5000; ++i)
        chain.emplace_back("r" + std::to_string(i), R"~({"metadata": {"name": "$(ref.r)~" + std::to_string(i + 1) +
                                                        R"~(.x)"}, "x": "$(ref.r)~" + std::to_string(i + 1) + R"~(.x)"})~");
    chain.emplace_back("r5000", R"({"x": "y"})");
    for (const auto &resources : {fan, chain}) {
        Live live;
        CHECK(deleted_objects(configuration(resources), live.reader())[0].kind == Kind::unknown);
    }
}
