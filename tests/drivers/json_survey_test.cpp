// SPDX-License-Identifier: Apache-2.0
#include "drivers/json_survey.hpp"

#include "support/catch.hpp"

namespace rsf::drivers::test {

namespace {

constexpr std::size_t depth = 512;

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

} // namespace

TEST_CASE("a survey says what JSON text is without reading it into a value") {
    struct Row {
        const char *name;
        std::string text;
        bool is_json, is_object, has_items, has_fractions;
    };
    for (const Row &row : {
             Row{"empty", "", false, false, false, false},
             Row{"object", "{}", true, true, false, false},
             Row{"spaces around", " \n{} \t\r\n", true, true, false, false},
             Row{"array", "[{\"items\":[]}]", true, false, false, false},
             Row{"text", "\"items\"", true, false, false, false},
             Row{"list", R"({"kind":"List","items":[{"a":[]}],"x":[1]})", true, true, true, false},
             Row{"items of another kind", R"({"items":{"a":[]}})", true, true, false, false},
             Row{"items further in", R"({"a":{"items":[]}})", true, true, false, false},
             Row{"items twice, the last a text", R"({"items":[],"items":"x"})", true, true, false, false},
             Row{"items twice, the last an array", R"({"items":1,"items":[]})", true, true, true, false},
             Row{"items with an escape", R"({"it\u0065ms":[]})", true, true, true, false},
             Row{"whole numbers", R"({"a":[0,-1,18446744073709551615]})", true, true, false, false},
             Row{"a fraction", R"({"a":0.5})", true, true, false, true},
             Row{"an exponent", R"({"a":5E-1})", true, true, false, true},
             Row{"too large a number", R"({"a":-1e999})", true, true, false, true},
             Row{"two values", "{} {}", false, false, false, false},
             Row{"cut", R"({"a":)", false, false, false, false},
             Row{"a comma too many", "[1,]", false, false, false, false},
             Row{"bad UTF-8", "{\"a\":\"\xFF\"}", false, false, false, false},
             Row{"half a surrogate", R"({"a":"\ud800"})", false, false, false, false},
             Row{"as deep as may be", nested(depth), true, false, false, false},
             Row{"too deep", nested(depth + 2), false, false, false, false},
         }) {
        INFO(row.name);
        const JsonSurvey survey = survey_json(row.text, depth);
        CHECK(survey.fault.empty() == row.is_json);
        if (!row.is_json) continue;
        CHECK(survey.is_object == row.is_object);
        CHECK(survey.has_items == row.has_items);
        CHECK(survey.has_fractions == row.has_fractions);
    }
}

TEST_CASE("a survey tells how much memory the value would take: much more than its text where its parts are small") {
    std::string small = "[0", texts = "[\"\"";
    for (int i = 0; i < 10'000; ++i) {
        small += ",0";
        texts += ",\"" + std::string(1000, 'x') + "\"";
    }
    const std::size_t of_small = survey_json(small + "]", depth).size;
    CHECK(of_small > 7 * small.size());
    CHECK(of_small < 20 * small.size());
    const std::size_t of_texts = survey_json(texts + "]", depth).size;
    CHECK(of_texts > texts.size());
    CHECK(of_texts < texts.size() * 3 / 2);
}

} // namespace rsf::drivers::test
