// SPDX-License-Identifier: Apache-2.0
#include "documents.hpp"

using namespace rsf::base;
using namespace rsf::parse;
namespace json = boost::json;

namespace {

std::string read(std::string_view text) {
    const auto document = read_yaml(text, {});
    return document ? write_json(document->value) : to_string(document.error());
}

struct Row {
    const char *name, *text, *expected;
};

} // namespace

TEST_CASE("YAML scalars mean what go-yaml v2 says they mean") {
    const Row row = GENERATE(values<Row>({
        {"booleans", "[yes, No, ON, off, y, N, true, FALSE, tRUE]", "[true,false,true,false,true,false,true,false,\"tRUE\"]"},
        {"nulls", "[~, null, Null, NULL, nUll, '']", "[null,null,null,null,\"nUll\",\"\"]"},
        {"bases", "[0777, 0o777, 08, 0b101, 0x1F, -0b11, 0x1_F]", "[511,511,8,5,31,-3,31]"},
        {"underscores", "[1_000, 0.1_0, _1]", "[1000,0.1,\"_1\"]"},
        {"floats", "[1.10, .5, 1e3, 1., -2E+05, +1]", "[1.1,0.5,1000,1,-200000,1]"},
        {"exact whole numbers", "[18446744073709551615, 9007199254740993, -9223372036854775808]",
         "[18446744073709551615,9007199254740993,-9223372036854775808]"},
        {"too large for a float is text", "[1E400, -1e999]", "[\"1E400\",\"-1e999\"]"},
        {"sexagesimal and times are text", "[22:22, 2001-01-01, 2001-12-14t21:59:43.10-05:00]",
         "[\"22:22\",\"2001-01-01\",\"2001-12-14t21:59:43.10-05:00\"]"},
        {"quoted is text", "[\"yes\", '0777', \"null\"]", "[\"yes\",\"0777\",\"null\"]"},
        {"tag behind an anchor", "[&a ! 1, &b # c\n ! 2, *a]", "[\"1\",\"2\",\"1\"]"},
        {"tags", "[!!str 1, !!int \"1\", !!float 1, !!bool yes, !!null \"\", ! 1, !mine 1]", "[\"1\",1,1,true,null,\"1\",\"1\"]"},
        {"binary", "a: !!binary aGVsbG8=", "{\"a\":\"hello\"}"},
        {"keys", "{yes: 1, 0x10: 2, 1.5: 3, 1e7: 4, \"no\": 5}", "{\"true\":1,\"16\":2,\"1.5\":3,\"1e+07\":4,\"no\":5}"},
        {"multi-line plain", "a: b\n  c\n\n  d", "{\"a\":\"b c\\nd\"}"},
        {"literal", "a: |-\n  b\n   c\n", "{\"a\":\"b\\n c\"}"},
        {"folded", "a: >\n  b\n  c\n", "{\"a\":\"b c\\n\"}"},
        {"nothing", "", "null"},
        {"comments", "# only\n", "null"},
        {"byte order mark",
         "\xEF\xBB\xBF"
         "a: 1",
         "{\"a\":1}"},
    }));
    INFO(row.name);
    CHECK(read(row.text) == row.expected);
}

TEST_CASE("anchors, aliases and merge keys are read as go-yaml v2 reads them") {
    const Row row = GENERATE(values<Row>({
        {"alias", "a: &x {b: 1}\nc: *x", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}"},
        {"anchor defined again", "[&x 1, *x, &x 2, *x]", "[1,1,2,2]"},
        {"alias as key", "[&x k, {*x : 1}]", "[\"k\",{\"k\":1}]"},
        {"merge, then a key of its own", "{<<: {a: 1, b: 2}, a: 3}", "{\"a\":3,\"b\":2}"},
        {"a key of its own, then merge: the merge wins", "{a: 3, <<: {a: 1, b: 2}}", "{\"a\":1,\"b\":2}"},
        {"merge of several: earlier ones win", "{<<: [{a: 1}, {a: 2, b: 2}]}", "{\"a\":1,\"b\":2}"},
        {"quoted << is a key", "{\"<<\": 1}", "{\"<<\":1}"},
    }));
    INFO(row.name);
    CHECK(read(row.text) == row.expected);
}

TEST_CASE("what can't be read as YAML is refused with its place and a sentence") {
    const Row row = GENERATE(values<Row>({
        {"duplicate key", "a: 1\nb: 2\na: 3", "3:1: The key 'a' appears twice"},
        {"duplicate key as text and number", "1: a\n\"1\": b", "2:1: The key '1' appears twice"},
        {"duplicate key behind a merge", "{<<: {a: 1}, a: 2, a: 3}", "1:20: The key 'a' appears twice"},
        {"further document", "a: 1\n---\nb: 2", "2:1: A further document begins here"},
        {"leftover", "a\nb: 1", "The ':' here follows no key"},
        {"leftover bracket", "[a] ]", "1:5: This closing bracket"},
        {"comma", ",", "1:1: "},
        {"undefined anchor", "a: *b", "1:4: The alias names an anchor that is not defined"},
        {"alias in itself", "a: &a [*a]", "1:8: The alias is inside the value"},
        {"list as key", "? [a]\n: b", "1:3: A list or mapping can't be a key."},
        {"null key", "~: 1", "1:1: A key is empty or null"},
        {"large number as key", "18446744073709551615: 1", "can't be a key"},
        {"infinity", "a: .inf", "1:4: The value here is a number that JSON has no word for"},
        {"not a number", "a: -.NaN\nb: .nan", "2:4: The value here is a number"},
        {"bad tag", "a: !!int x", "1:4: The value here can't be read as the !!int"},
        {"bad base64", "a: !!binary '*'", "not base64"},
        {"binary that is no text", "a: !!binary /w==", "not UTF-8"},
        {"merge of a scalar", "<<: 1", "The merge key '<<' takes"},
        {"merge of an alias of a list", "a: &a [{b: 1}]\nc:\n  <<: *a", "The merge key '<<' takes"},
        {"tab", "a:\n\tb: 1", "2:2: A tab is in the indentation"},
        {"tab behind a dash", "-\ta", "1:3: A tab is in the indentation"},
        {"key without colon", "a:\n  b\nc\n", "3:1: The text here looks like a key, but no ':' follows it."},
        {"unclosed quote", "a: \"b", "The text ends inside quotes"},
        {"unclosed quote before the last line break", "a: \"b\n", "1:4: The quotes that open here are never closed."},
        {"unclosed brace", "a: {b: c", "The text ends inside brackets or braces"},
        {"closing brace of nothing", "a: b\n}", "2:1: This closing bracket"},
        {"reserved", "a: @b", "1:4: '@' can't begin a value here"},
        {"two values on a line", "a: b: c", "1:5: The ':' here follows no key"},
        {"control character", "a: \x01", "1:4: The text holds the character U+0001"},
        {"DEL", "a: \x7F", "U+007F"},
        {"C1 control character", "a: \xC2\x80", "1:4: The text holds the character U+0080"},
        {"byte order mark within", "a: \xEF\xBB\xBF", "1:4: The text holds the character U+FEFF"},
        {"no character", "a: \xEF\xBF\xBE", "1:4: The text holds the character U+FFFE"},
        {"bad UTF-8", "a: \xFF", "1:4: The text is not UTF-8"},
        {"anchor with a dot", "a: &b.c d", "1:4: The anchor's name"},
        {"half of a surrogate pair", "\"\\ud83d\\ude00\"", "names no Unicode character"},
        {"unknown escape", "\"\\q\"", "This escape in double quotes is not known"},
        {"colon before a comma", "{a:, b: 1}", "a space must follow the ':'"},
        {"percent sign", "a: 1\n%b: 2", "2:1: A directive follows the document"},
        {"tag and bracket", "- ![ a ]", "1:3: A space is needed between a tag and the bracket"},
        {"tag and quote", "- !\"a\"", "1:3: The quotes that open here are never closed."},
        {"comma too many", "[1,,2]", "1:4: A value is missing before this comma."},
        {"next line", "a: 1\u0085b: 2", "1:5: The text holds the line break U+0085"},
        {"line separator in plain text", "a: b\u2028  c", "1:5: A line break of Unicode"},
        {"line separator in a literal block", "a: |\n  b\u2028c\n", "2:4: A line break of Unicode"},
        {"paragraph separator in a comment", "a: '\u2028' # \u2029b: 1", "A line break of Unicode"},
        {"line separator in a comment alone", "# c\u2028a: 1", "1:4: A line break of Unicode"},
        {"line separator between keys", "a: 1\u2028b: 2", "The ':' here follows no key"},
        {"anchor with a colon", "a: &b:c d", "The anchor's name"},
        {"blank lines before the quote", "a: \"b\n\n\n\"", "The blank lines before the closing quote"},
        {"directive behind the document", "&f value\n%YAML 1.1\n---\n", "2:1: A directive follows the document"},
        {"tag without value", "--- !!str\n", "The tag here has no value"},
        {"directive", "%YAML 3.0\n--- a", "1:1: The %YAML directive asks"},
        {"long directive", nullptr, "longer than 1 KiB"},
    }));
    INFO(row.name);
    const std::string text = row.text ? row.text : "%A" + std::string(2000, ' ') + "b\n---\n";
    const auto document = read_yaml(text, {});
    REQUIRE_FALSE(document);
    CHECK(document.error().code == Code::invalid);
    CHECK(document.error().place.line >= 1);
    CHECK(document.error().message.ends_with('.'));
    CHECK_THAT(to_string(document.error()), ContainsSubstring(row.expected));
}

TEST_CASE("no error quotes a value, which may be a password") {
    for (const char *type : {"!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!binary"})
        for (const char *value : {"hunter2Xq9z", "'hunter2Xq9z'", "\"hunter2Xq9z\"", "|\n  hunter2Xq9z\n"}) {
            INFO(type << " " << value);
            const auto document = read_yaml(std::string("stringData:\n  pw: ") + type + " " + value, {});
            REQUIRE_FALSE(document);
            CHECK_THAT(to_string(document.error()), !ContainsSubstring("hunter2"));
            CHECK(document.error().place.line >= 2);
        }
    for (const char *text : {"{\"pw\": hunter2Xq9z}", "{\"pw\": \"x\"hunter2Xq9z}", "{\"pw\": 1e999}"}) {
        INFO(text);
        const auto document = read_json(text, {});
        REQUIRE_FALSE(document);
        CHECK_THAT(to_string(document.error()), !ContainsSubstring("hunter2") && !ContainsSubstring("1e999"));
    }
}

TEST_CASE("escapes in double quotes are characters, in values, keys and names") {
    const Row row = GENERATE(values<Row>({
        {"no-break space", "\"x\\_y\"", "\"x\u00A0y\""},
        {"next line", "\"x\\Ny\"", "\"x\\u0085y\""},
        {"line separator", "\"x\\Ly\"", "\"x\\u2028y\""},
        {"paragraph separator", "\"x\\Py\"", "\"x\\u2029y\""},
        {"two digits", "\"\\x41\\x80\\xE9\\xFF\"", "\"A\\u0080\u00E9\u00FF\""},
        {"four digits", "\"\\u00e9\\u2028\\uFFFE\"", "\"\u00E9\\u2028\\ufffe\""},
        {"eight digits", "\"\\U0001F600\"", "\"\U0001F600\""},
        {"nothing", "\"a\\0b\"", "\"a\\u0000b\""},
        {"key", "\"a\\_b\": \"\\N\"", "{\"a\u00A0b\":\"\\u0085\"}"},
        {"slash", "\"a\\/b\"", "\"a/b\""},
    }));
    INFO(row.name);
    CHECK(read(row.text) == row.expected);
}

TEST_CASE("line breaks mean the same as to go-yaml, in quotes those of Unicode too") {
    const Row row = GENERATE(values<Row>({
        {"carriage return", "a: 1\rb: 2\r", "{\"a\":1,\"b\":2}"},
        {"carriage return behind a comment", "# c\ra: 1\n", "{\"a\":1}"},
        {"carriage return in quotes", "a: \"b\r  c\"", "{\"a\":\"b c\"}"},
        {"carriage return in a literal block", "a: |\r  b\r  c\r", "{\"a\":\"b\\nc\\n\"}"},
        {"carriage return and line feed", "a: 1\r\nb: |\r\n  x\r\n  y\r\n", "{\"a\":1,\"b\":\"x\\ny\\n\"}"},
        {"line separator in single quotes", "'a\u2028  b'", "\"a\\u2028b\""},
        {"paragraph separator in double quotes", "\"a \u2029 b\"", "\"a\\u2029b\""},
        {"line separator in a quoted key", "'a\u2028b': 1", "{\"a\\u2028b\":1}"},
        {"behind a tag and an anchor", "a: !!str &x 'b\u2028c'", "{\"a\":\"b\\u2028c\"}"},
        {"blanks beside an escaped one stay", "\"a \\L b\"", "\"a \\u2028 b\""},
    }));
    INFO(row.name);
    CHECK(read(row.text) == row.expected);
}

TEST_CASE("UTF-16 is refused by name") {
    CHECK_THAT(read(std::string_view("a\0:\0", 4)), ContainsSubstring("looks like UTF-16"));
}

TEST_CASE("document markers around one document are no further documents") {
    CHECK(read("---\na: 1\n...\n") == "{\"a\":1}");
    CHECK(read("a: 1\n---\n") == "{\"a\":1}");
    CHECK(read("a: 1\n---\n# nothing\n---\n") == "{\"a\":1}");
    CHECK(read("%YAML 1.1\n---\na: 1\n") == "{\"a\":1}");
    CHECK(read("%YAML 1.2\n---\na: 1\n") == "{\"a\":1}");
}

TEST_CASE("the places of a YAML document are known down to a depth") {
    const auto document = read_yaml("a:\n- b: 1\n  c: {d: 2}\n<<: {e: 1}\n", {}, 3);
    REQUIRE(document);
    CHECK(document->places.find("/a").line == 1);
    CHECK(document->places.find("/a/0").column == 3);
    const Place c = document->places.find("/a/0/c");
    CHECK(c.line == 3);
    CHECK(c.column == 3);
    CHECK(document->places.find("/a/0/c/d").line == 3);
    CHECK(document->places.find("/a/7").line == 1);
}

TEST_CASE("YAML is held to the limits of depth, values and memory, aliases expanded") {
    const std::string deep = std::string(64, '[') + std::string(64, ']');
    CHECK(read_yaml(deep, {}));
    CHECK_THAT(error_of(read_yaml("[" + deep + "]", {})), ContainsSubstring("1:65: Lists and mappings are nested more than 64"));
    CHECK_THAT(error_of(read_yaml("- &a " + std::string(63, '[') + std::string(63, ']') + "\n- [*a]", {})),
               ContainsSubstring("the alias expanded"));
    Limits few;
    few.nodes = 6;
    CHECK(read_yaml("[1,2,3]", few));
    CHECK_THAT(error_of(read_yaml("a: &a [1,2,3]\nb: *a", few)), ContainsSubstring("more than 6 values"));
}
