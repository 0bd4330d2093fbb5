// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/bodies/apply_text.hpp"
#include "support/catch.hpp"

using namespace rsf;

namespace {

std::string text_refusal(const json::value &data) {
    try {
        kubectl::api::check_kubectl_can_apply({{"kind", "ConfigMap"}, {"data", data}});
    } catch (const Error &error) {
        CHECK(error.code == Code::invalid);
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("what kubectl's apply would change or could not pass on is found, with its place") {
    struct Row {
        const char *name;
        json::value data;
        const char *found;
    };
    const Row row = GENERATE(values<Row>({
        {"next line", json::object{{"a", "x\u0085y"}}, "data.a holds the character U+0085"},
        {"delete", json::object{{"a", json::array{"x", "\x7F"}}}, "data.a[1] holds the character U+007F"},
        {"control", json::object{{"a", "\u0080"}}, "U+0080"},
        {"no character", json::object{{"a", "\uFFFE"}}, "U+FFFE"},
        {"key", json::object{{"b\u009F", 1}}, "A key of data holds the character U+009F"},
        {"key below", json::object{{"c", json::object{{"\uFFFF", 1}}}}, "A key of data.c holds the character U+FFFF"},
    }));
    INFO(row.name);
    CHECK_THAT(text_refusal(row.data), ContainsSubstring(row.found));
}

TEST_CASE("what kubectl's apply passes on is let through") {
    CHECK(text_refusal(
              json::object{{"a", "\x01\t\n\u00A0\u2028\u2029\u00E9\uFFFD\U0001F600"}, {"\u2028", json::array{1, nullptr, 0.5}}})
              .empty());
}
