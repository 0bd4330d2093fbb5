// SPDX-License-Identifier: Apache-2.0
#include "documents.hpp"

#include <limits>
#include <map>

using namespace rsf::base;
using namespace rsf::parse;

namespace {

// What JSONTestSuite leaves open, and what we do.
const std::map<std::string, bool> open_cases = {
    {"i_number_double_huge_neg_exp.json", true}, // becomes 0
    {"i_number_huge_exp.json", false},
    {"i_number_neg_int_huge_exp.json", false},
    {"i_number_pos_double_huge_exp.json", false},
    {"i_number_real_neg_overflow.json", false},
    {"i_number_real_pos_overflow.json", false},
    {"i_number_real_underflow.json", true},  // becomes 0
    {"i_number_too_big_neg_int.json", true}, // the nearest double, as Kubernetes reads it
    {"i_number_too_big_pos_int.json", true},
    {"i_number_very_big_negative_int.json", true},
    {"i_structure_500_nested_arrays.json", false}, // deeper than the limit
    {"i_structure_UTF-8_BOM_empty_object.json", true},
}; // every other is bad UTF-8, UTF-16 or half of a surrogate pair: refused

} // namespace

TEST_CASE("JSONTestSuite: what must parse does, what must not does not, and what is open is as listed") {
    auto cases = load_cases("data/json-test-suite/parsing.jsonl");
    std::string nested;
    for (int i = 0; i < 50000; ++i) nested += "[{\"\":";
    cases.push_back({{"name", "n_structure_100000_opening_arrays.json"}, {"text", std::string(100000, '[')}});
    cases.push_back({{"name", "n_structure_open_array_object.json"}, {"text", nested}});
    REQUIRE(cases.size() == 318);
    for (const auto &entry : cases) {
        const std::string name(entry.at("name").as_string());
        INFO(name);
        const auto result = read_json(text_of(entry), {});
        const auto open = open_cases.find(name);
        // The one document that repeats a key is JSON, but not one that we take.
        const bool repeats = name.starts_with("y_object_duplicated_key");
        const bool expected = name[0] == 'y' ? !repeats : name[0] == 'i' && open != open_cases.end() && open->second;
        CHECK(result.has_value() == expected);
        if (!result) {
            CHECK(result.error().place.line >= 1);
            CHECK(result.error().message.ends_with('.'));
        }
    }
}

TEST_CASE("JSONTestSuite: what is read is written as JSON that reads back the same") {
    for (const auto &entry : load_cases("data/json-test-suite/transform.jsonl")) {
        INFO(entry.at("name").as_string().c_str());
        const auto result = read_json(text_of(entry), {});
        if (!result) continue;
        const auto again = read_json(write_json(result->value), {});
        REQUIRE(again);
        CHECK(same(again->value, result->value));
    }
}

TEST_CASE("a bad JSON document is refused with its place and a sentence") {
    struct Row {
        const char *name, *text, *error;
    };
    const Row row = GENERATE(values<Row>({
        {"duplicate key", "{\"a\": 1,\n \"a\": 2}", "2:2: The key 'a' appears twice"},
        {"duplicate key behind an escape", "{\"a\": [1, {\"x\\\"\": 2}],\n\n  \"\\u0061\": 2}", "3:3: The key 'a' appears twice"},
        {"too large a number", "{\"a\": 1e400}", "1:7: The number here is larger"},
        {"end", "{\"a\": ", "1:7: The JSON ends too early"},
        {"more", "{} {}", "1:4: The JSON has ended before this"},
        {"comma", "[1,]", "1:4: The text is not JSON at ']'"},
        {"half a surrogate pair", "[\"\\ud800\\u0041\"]", "half of a surrogate pair"},
        {"bad UTF-8", "[\"\xC0\xAF\"]", "1:3: The text is not UTF-8"},
        {"UTF-16", "\xFF\xFE[", "looks like UTF-16"},
        {"control character in a string", "[\"a\nb\"]", "The text is not JSON"},
    }));
    INFO(row.name);
    CHECK_THAT(error_of(read_json(row.text, {})), ContainsSubstring(row.error));
}

TEST_CASE("JSON is held to the limits of depth, values and memory") {
    const std::string deep = std::string(64, '[') + std::string(64, ']');
    CHECK(read_json(deep, {}));
    CHECK_THAT(error_of(read_json("[" + deep + "]", {})), ContainsSubstring("1:65: Lists and mappings are nested more than 64"));
    Limits few;
    few.nodes = 3;
    CHECK(read_json("[1,2]", few));
    CHECK_THAT(error_of(read_json("[1,2,3]", few)), ContainsSubstring("1:6: The document has more than 3 values"));
    Limits small;
    small.bytes = 1 << 20;
    CHECK_THAT(error_of(read_json("[\"" + std::string(2 << 20, 'x') + "\"]", small)),
               ContainsSubstring("more than 1 MiB of memory"));
}

TEST_CASE("JSON numbers are exact and correctly rounded") {
    const auto document =
        read_json("[9007199254740993, 18446744073709551615, -9223372036854775808, 0.1, 2.2250738585072014e-308, -0]", {});
    REQUIRE(document);
    const auto &list = document->value.as_array();
    CHECK(list[0] == 9007199254740993);
    CHECK(list[1] == std::numeric_limits<std::uint64_t>::max());
    CHECK(list[2] == std::numeric_limits<std::int64_t>::min());
    CHECK(list[3] == 0.1);
    CHECK(list[4] == 2.2250738585072014e-308);
}

TEST_CASE("the places of a JSON document are known down to a depth, and nearest things stand in below") {
    const auto document = read_json("{\n \"a/b\": [\n  {\"c\": {\"d\": 1}}\n ]\n}", {}, 2);
    REQUIRE(document);
    const Place entry = document->places.find("/a~1b/0");
    CHECK(entry.line == 3);
    CHECK(entry.column == 3);
    CHECK(document->places.find("/a~1b").line == 2);
    const Place below = document->places.find("/a~1b/0/c/d");
    CHECK(below.line == 3);
    CHECK(below.pointer == "/a~1b/0/c/d");
}

TEST_CASE("JSON is written without infinity, and whole numbers without a point, as Go does") {
    const double infinity = std::numeric_limits<double>::infinity();
    const boost::json::array list{infinity, -infinity, std::nan(""),          1.0,  0.5,         1e21,
                                  1e20,     1e-7,      9223372036854775808.0, -0.0, "\x01\"\\\n"};
    CHECK(write_json(list) ==
          "[null,null,null,1,0.5,1e+21,100000000000000000000,1e-7,9223372036854776000,-0,\"\\u0001\\\"\\\\\\n\"]");
}

TEST_CASE("a document that looks like JSON is read as JSON, or else as YAML") {
    CHECK(read_document("{\"a\": 1e3}", {})->value.at("a") == 1000.0);
    CHECK(read_document("{a: yes, b: 0777}", {})->value.at("b") == 511);
    CHECK(read_document("[1, 2] # a comment", {}));
    CHECK_THAT(error_of(read_document("{\"a\": 1e400}", {})), ContainsSubstring("The number here is larger"));
    CHECK_THAT(error_of(read_document("{\"a\": tru", {})), ContainsSubstring("JSON"));
    CHECK(read_document("\xEF\xBB\xBF{\"a\": 1}", {}));
    CHECK_THAT(error_of(read_document("[1,,2]", {})), ContainsSubstring("1:4: The text is not JSON"));
    CHECK(read_document("{\"a\": tru}", {})->value.at("a") == "tru"); // as go-yaml has it
}
