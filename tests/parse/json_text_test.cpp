// SPDX-License-Identifier: Apache-2.0
#include <resourcifier/json_text.hpp>

#include "support/catch.hpp"

#include <cmath>
#include <limits>
#include <random>

namespace json = boost::json;
using rsf::json_text;
using rsf::json_value;

namespace {

struct NumberRow {
    double number;
    const char *text;
};

struct TextRow {
    const char *name, *text, *expected;
};

} // namespace

TEST_CASE("a double is written with the fewest digits that read back, and an exponent only where Go has one") {
    const NumberRow row = GENERATE(values<NumberRow>({
        {0.5, "0.5"},
        {-0.25, "-0.25"},
        {1.0, "1"},
        {-0.0, "-0"},
        {100, "100"},
        {0.1, "0.1"},
        {1e-6, "0.000001"},
        {9.99e-7, "9.99e-7"},
        {1e-7, "1e-7"},
        {1.5e-10, "1.5e-10"},
        {5e-324, "5e-324"},
        {9007199254740993.0, "9007199254740992"},
        {1e20, "100000000000000000000"},
        {-123456789012345680000.0, "-123456789012345680000"},
        {1e21, "1e+21"},
        {-1.5e300, "-1.5e+300"},
        {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
        {std::numeric_limits<double>::infinity(), "null"},
        {std::nan(""), "null"},
    }));
    CHECK(json_text(json::value(row.number)) == row.text);
}

TEST_CASE("whole numbers are written to the last digit") {
    CHECK(json_text(json::value(std::numeric_limits<std::int64_t>::min())) == "-9223372036854775808");
    CHECK(json_text(json::value(std::numeric_limits<std::uint64_t>::max())) == "18446744073709551615");
}

TEST_CASE("what YAML has no place for, or reads as a line break, is an escape in JSON text") {
    const TextRow row = GENERATE(values<TextRow>({
        {"plain", "a \u00A0\u00E9\uFFFD\U0001F600", "\"a \u00A0\u00E9\uFFFD\U0001F600\""},
        {"JSON's own", "\"\\\n\t\r\b", "\"\\\"\\\\\\n\\t\\r\\u0008\""},
        {"C0 and DEL", "\x01\x1F\x7F", "\"\\u0001\\u001f\\u007f\""},
        {"C1", "\u0080\u0085\u009F", "\"\\u0080\\u0085\\u009f\""},
        {"separators", "\u2027\u2028\u2029\u202A", "\"\u2027\\u2028\\u2029\u202A\""},
        {"byte order mark and no characters", "\uFEFE\uFEFF\uFFFD\uFFFE\uFFFF", "\"\uFEFE\\ufeff\uFFFD\\ufffe\\uffff\""},
    }));
    INFO(row.name);
    CHECK(json_text(json::value(row.text)) == row.expected);
    CHECK(json_text(json::object{{row.text, nullptr}}) == std::string("{") + row.expected + ":null}");
    CHECK(json_value(row.expected) == json::value(row.text));
}

TEST_CASE("every code point reads back from JSON text") {
    for (char32_t point = 0; point <= 0x10FFFF; ++point) {
        if (point >= 0xD800 && point <= 0xDFFF) continue;
        std::string text = "a";
        if (point < 0x80) {
            text += static_cast<char>(point);
        } else {
            const int length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            text += static_cast<char>((0xF00 >> length & 0xFF) | point >> 6 * (length - 1));
            for (int i = length - 2; i >= 0; --i) text += static_cast<char>(0x80 | (point >> 6 * i & 0x3F));
        }
        REQUIRE(json_value(json_text(json::value(text))).as_string() == text);
    }
}

TEST_CASE("lists and mappings are written compactly, members in their order") {
    CHECK(json_text(json::value()) == "null");
    CHECK(json_text(json::array{}) == "[]");
    CHECK(json_text(json::object{}) == "{}");
    CHECK(json_text(json::value{{"b", {1, 0.5, true, nullptr}}, {"a", json::object{{"c", "d"}}}}) ==
          R"({"b":[1,0.5,true,null],"a":{"c":"d"}})");
}

TEST_CASE("doubles are read to the last bit") {
    std::mt19937_64 engine(11);
    for (int i = 0; i < 100000; ++i) {
        const auto bits = engine();
        double number = 0;
        std::memcpy(&number, &bits, sizeof number);
        if (!std::isfinite(number)) continue;
        const json::value read = json_value("[" + json_text(json::value(number)) + "]").at(0);
        REQUIRE(read.to_number<double>() == number);
    }
}

TEST_CASE("what is no JSON is an error, and so are numbers that no double holds") {
    boost::system::error_code failed;
    for (const char *text : {"", "{", "[1,]", "{\"a\" 1}", "nul", "\"\\ud800\"", "1 2", "{} x", "1e400", "[-1e999]"}) {
        INFO(text);
        CHECK(json_value(text, failed).is_null());
        CHECK(failed);
        CHECK_THROWS(json_value(text));
    }
    CHECK(json_value("1e400", failed).is_null());
    CHECK(failed == json::error::exponent_overflow);
    CHECK(json_value("1e-400", failed) == 0.0);
    CHECK_FALSE(failed);
    CHECK(json_value(std::string(512, '[') + std::string(512, ']'), failed).is_array());
    CHECK(json_value(std::string(513, '[') + std::string(513, ']'), failed).is_null());
    CHECK(failed == json::error::too_deep);
}

TEST_CASE("values are taken off the front of a text one by one") {
    std::string_view text = " {\"a\":1}\n[2] ";
    boost::system::error_code failed;
    CHECK(rsf::take_json_value(text, failed) == json::value{{"a", 1}});
    CHECK(text == "[2] ");
    CHECK(rsf::take_json_value(text, failed) == json::array{2});
    CHECK(text.empty());
    CHECK(rsf::take_json_value(text, failed).is_null());
    CHECK(failed);
}
