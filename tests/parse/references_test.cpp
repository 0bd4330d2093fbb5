// SPDX-License-Identifier: Apache-2.0
#include "documents.hpp"
#include "parse/references.hpp"

using namespace rsf::base;
using namespace rsf::parse;
namespace json = boost::json;

namespace {

json::object object(std::string_view text) { return json::parse(text).as_object(); }

Result<json::object> resolve_with(std::string_view properties, std::string_view target) {
    const json::value value = json::parse(target);
    return resolve(object(properties), [&](const Reference &reference) { return value_at(value, reference.path); });
}

} // namespace

TEST_CASE("references are found in order, with name, path and pointer") {
    const auto found = find_references(object(
        R"json({"a": "$(ref.x.status.ip)", "b": ["-", {"c/d": "http://$(ref.y-1.a[0].b):$(ref.x.p)/"}], "e": "$$(ref.z.q) $(HOME) $ref.x.y"})json"));
    REQUIRE(found);
    REQUIRE(found->all.size() == 3);
    CHECK(found->all[0].name == "x");
    CHECK(found->all[0].path == "status.ip");
    CHECK(found->all[0].pointer == "/a");
    CHECK(found->all[1].text() == "$(ref.y-1.a[0].b)");
    CHECK(found->all[1].pointer == "/b/1/c~1d");
    CHECK(found->all[2].path == "p");
}

TEST_CASE("there is something to resolve where a reference or an escape is, and nowhere else") {
    const auto to_resolve = [](const char *text) { return find_references(object(text))->to_resolve; };
    CHECK(to_resolve(R"~({"a": "$(ref.b.c)"})~"));
    CHECK(to_resolve(R"~({"a": ["x", {"b": "y $$(ref."}]})~"));
    CHECK_FALSE(to_resolve("{}"));
    CHECK_FALSE(to_resolve(R"~({"a": "$(REF.b.c) $(reference) $"})~"));
    CHECK_FALSE(to_resolve(R"~({"a": 1, "b": [null, true, 1.5], "$$(ref.b.c)": 1})~"));
}

TEST_CASE("a malformed reference is an error with its pointer") {
    const std::string text = GENERATE(values<std::string>({"$(ref.",
                                                           "$(ref.a",
                                                           "$(ref.a)",
                                                           "$(ref.)",
                                                           "$(ref..b)",
                                                           "$(ref.a.)",
                                                           "$(ref.a.b",
                                                           "$(ref.a.b[)",
                                                           "$(ref.a.b[x])",
                                                           "$(ref.a.b[-1])",
                                                           "$(ref.a.b['c)",
                                                           "$(ref.a.b[''])",
                                                           "$(ref.a.b c)",
                                                           "$(ref.a..b)",
                                                           "$(ref.a.b[1)",
                                                           "$(ref.a.$(ref.b.c))",
                                                           "$(ref.hunter2",
                                                           "$(ref.hunter2.hunter2",
                                                           "$(ref.a.b hunter2)",
                                                           "x $(ref.a.b[hunter2])"}));
    INFO(text);
    const auto found = find_references({{"k", json::array{text}}});
    REQUIRE_FALSE(found);
    CHECK(found.error().place.pointer == "/k/0");
    CHECK(found.error().code == Code::invalid);
    CHECK_THAT(found.error().message, StartsWith("The reference that begins with $(ref. here has "));
    CHECK_THAT(found.error().message, !ContainsSubstring("hunter2")); // it may be a password
    CHECK_THAT(found.error().message, EndsWith("Write '$$(ref.' for '$(ref.' that is text itself."));
}

TEST_CASE("a reference in a key is an error") {
    const auto found = find_references({{"a", json::object{{"x$(ref.b.c)", 1}}}});
    REQUIRE_FALSE(found);
    CHECK(found.error().place.pointer == "/a/x$(ref.b.c)");
    CHECK(find_references({{"$$(ref.b.c)", 1}}));
}

TEST_CASE("a string that is only a reference takes the value's own type") {
    const auto resolved = resolve_with(R"json({"a": "$(ref.x.n)", "b": "$(ref.x.o)", "c": "$(ref.x.z)"})json",
                                       R"json({"n": 5, "o": {"p": [1]}, "z": null})json");
    REQUIRE(resolved);
    CHECK(*resolved == object(R"json({"a": 5, "b": {"p": [1]}, "c": null})json"));
}

TEST_CASE("within a longer string a scalar is put in as its text, and escapes are undone") {
    const auto resolved =
        resolve_with(R"json({"a": "x$(ref.x.n)-$(ref.x.f)-$(ref.x.b)-$(ref.x.s)", "b": "$$(ref.x.n)", "c": "$$$(ref.x.n)"})json",
                     R"json({"n": 5, "f": 0.5, "b": true, "s": "$(ref.q.r)"
})json");
    REQUIRE(resolved);
    CHECK(resolved->at("a") == "x5-0.5-true-$(ref.q.r)");
    CHECK(resolved->at("b") == "$(ref.x.n)");
    CHECK(resolved->at("c") == "$$(ref.x.n)");
}

TEST_CASE("what can't be put into a longer string is an error with its pointer") {
    const std::string key = GENERATE(values<std::string>({"m", "l", "z"}));
    const auto resolved = resolve_with("{\"a\": [\"x$(ref.x." + key + ")\"]}", R"json({"m": {}, "l": [], "z": null})json");
    REQUIRE_FALSE(resolved);
    CHECK(resolved.error().place.pointer == "/a/0");
    CHECK_THAT(resolved.error().message, ContainsSubstring("is part of a longer text"));
}

TEST_CASE("a path reaches into mappings, lists and keys that hold dots") {
    const json::value value =
        json::parse(R"json({"status": {"ingress": [{"ip": "1.2.3.4"}]}, "annotations": {"a.b/c": 1, "it's": 2}, "0": 3})json");
    CHECK(*value_at(value, "status.ingress[0].ip") == "1.2.3.4");
    CHECK(*value_at(value, "annotations['a.b/c']") == 1);
    CHECK(*value_at(value, "annotations['it''s']") == 2);
    CHECK(*value_at(value, "0") == 3);
    CHECK(value_at(value, "['status']")->is_object());
}

TEST_CASE("a path that leads nowhere names the missing part and what is there instead") {
    struct Row {
        const char *path, *error;
    };
    const Row row = GENERATE(values<Row>({
        {"spec", "The object does not have the key 'spec': it is a mapping with the keys status, n."},
        {"status.ip", "The value at the key 'status' does not have the key 'ip': it is a mapping with the keys list."},
        {"status.list[2]", "does not have the entry [2]: it is a list of 1."},
        {"n.x", "does not have the key 'x': it is a number."},
        {"n[0]", "does not have the entry [0]: it is a number."},
    }));
    const auto found = value_at(json::parse(R"json({"status": {"list": [1]}, "n": 1})json"), row.path);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Code::not_found);
    CHECK_THAT(found.error().message, ContainsSubstring(row.error));
    CHECK(value_at(json::object(), "a)b").error().code == Code::invalid);
}

TEST_CASE("what the lookup says is wrong gets the reference's pointer") {
    const auto resolved = resolve({{"a", "$(ref.x.y)"}}, [](const Reference &) -> Result<json::value> {
        return Error{Code::not_found, "No.", {}, {}};
    });
    REQUIRE_FALSE(resolved);
    CHECK(resolved.error().code == Code::not_found);
    CHECK(resolved.error().place.pointer == "/a");
}

TEST_CASE("references that would put in more than 32 MiB are refused") {
    const json::value large(json::string(1u << 20, 'x'));
    json::array many;
    for (int i = 0; i < 40; ++i) many.emplace_back("$(ref.x.y)");
    const auto resolved = resolve({{"a", many}}, [&](const Reference &) -> Result<json::value> { return large; });
    REQUIRE_FALSE(resolved);
    CHECK_THAT(resolved.error().message, ContainsSubstring("more than 32 MiB"));
}
