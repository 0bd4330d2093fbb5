// SPDX-License-Identifier: Apache-2.0
#include "documents.hpp"
#include "random_values.hpp"

#include <limits>

using namespace rsf::parse;
namespace json = boost::json;

namespace {

json::value round_trip(const json::value &value) {
    const std::string text = write_yaml(value);
    INFO(text);
    const auto document = read_yaml(text, {});
    INFO(error_of(document));
    REQUIRE(document);
    return document->value;
}

} // namespace

TEST_CASE("strings that look like something else, and hard ones, are written so that they stay strings") {
    const std::string text = GENERATE(values<std::string>({"yes",     "No",         "y",
                                                           "on",      "null",       "~",
                                                           "",        "012",        "0x1F",
                                                           "1e3",     "1_000",      "22:22",
                                                           "1.10",    ".5",         "-",
                                                           "- a",     "a: b",       "a:",
                                                           "a #b",    " a",         "a ",
                                                           "'",       "\"",         "a'b\"c\\",
                                                           "{a}",     "[a]",        "*a",
                                                           "&a",      "!a",         "%a",
                                                           "@a",      "`a`",        "<<",
                                                           "=",       "2001-01-01", "0b1",
                                                           "0o7",     "+1",         "100Mi",
                                                           "250m",    "a\nb",       "a\nb\n",
                                                           "a\n\n",   "\na",        " a\nb",
                                                           "a\n b",   "a\n\nb",     "a\n  \nb",
                                                           "a\tb",    "\ta\nb",     "a\r\nb",
                                                           "é",       "日本",       "\u2028",
                                                           "\u0085",  "\uFEFF",     std::string("\0", 1),
                                                           "\x1B[0m", "---",        "...",
                                                           "--- a",   "NaN",        ".nan",
                                                           ".inf",    "True"}));
    CHECK(round_trip(json::string(text)) == json::string(text));
    CHECK(round_trip(json::object{{text, text}}) == json::object{{text, text}});
    CHECK(round_trip(json::array{text, json::array{text}}) == json::array{text, json::array{text}});
}

TEST_CASE("doubles stay doubles and whole numbers whole") {
    const auto list = round_trip(json::array{1.0, 1, 1e21, -0.0, std::numeric_limits<std::uint64_t>::max()}).as_array();
    CHECK(list[0].is_double());
    CHECK(list[1].is_int64());
    CHECK(list[2] == 1e21);
    CHECK(list[3].is_double());
    CHECK(list[4].is_uint64());
}

TEST_CASE("random values read back as they were written") {
    RandomValues random(20160801);
    for (int i = 0; i < 3000; ++i) {
        const json::value value = random.value(4);
        REQUIRE(round_trip(value) == value);
    }
}

TEST_CASE("YAML is written in block style, as kubectl does") {
    const json::value value =
        json::parse(R"({"a":{"b":[1,[2,3],{"c":[],"d":{}}]},"text":"x\ny\n","100Mi":"100Mi","long":"a b"})");
    CHECK(write_yaml(value) ==
          "a:\n  b:\n  - 1\n  - - 2\n    - 3\n  - c: []\n    d: {}\ntext: |\n  x\n  y\n100Mi: 100Mi\nlong: a b\n");
    CHECK(write_yaml(json::object{}) == "{}\n");
    CHECK(write_yaml(nullptr) == "null\n");
}

TEST_CASE("a key that is too long for a simple key is written as a complex one") {
    const json::object object{{std::string(3000, 'k'), json::array{1}}, {"b", 2}};
    CHECK_THAT(write_yaml(object), StartsWith("? kkk"));
    CHECK(round_trip(object) == object);
}
