// SPDX-License-Identifier: Apache-2.0
//
// Small bodies that would take all time or memory of a naive reader. No limits on time here: what would hang or explode, hangs or
// explodes the test.
#include "documents.hpp"

#include <sys/resource.h>

#include <functional>

using namespace rsf::parse;

namespace {

constexpr std::size_t body = 8u << 20;

std::string repeat(std::string_view text, std::size_t size = body) {
    std::string out;
    out.reserve(size + text.size());
    while (out.size() < size) out += text;
    return out;
}

std::string numbered(const std::function<std::string(std::size_t)> &line) {
    std::string out;
    for (std::size_t i = 0; out.size() < body; ++i) out += line(i);
    return out;
}

std::string billion_laughs() {
    std::string out = "a0: &a0 lol\n";
    for (int i = 1; i < 20; ++i) {
        out += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 9; ++j) out += "*a" + std::to_string(i - 1) + ",";
        out += "]\n";
    }
    return out;
}

std::size_t peak_megabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::size_t>(usage.ru_maxrss) / 1024;
}

} // namespace

TEST_CASE("a hostile body is refused, within 64 MB beside itself") {
    struct Row {
        const char *name;
        std::string text;
    };
    const auto row = GENERATE([] {
        std::vector<Row> rows;
        for (const char *unit : {"[",          "{",        "{\"a\":",    "- ",   "? ",    ": ",  "- a\n", "-\n", "- a: 1\n",
                                 "- {a: 1}\n", "- &a 1\n", "\"\" ",      "*a ",  "!a ",   "&a ", "a\n",   "#\n", "\n",
                                 "''",         "<<: *a\n", "? a\n: b\n", "%A\n", "---\n", "[],", "\r"})
            rows.push_back({unit, repeat(unit)});
        for (const char *unit : {",", "1,", "a, ", "\"\",", "[],", "{a},", "? ", ": ", "#\n"})
            rows.push_back({"in a list", "[" + repeat(unit) + "]"});
        rows.push_back({"billion laughs", billion_laughs()});
        rows.push_back({"one long string, many aliases", "- &a \"" + std::string(20000, 'x') + "\"\n" + repeat("- *a\n", 25000)});
        rows.push_back({"many anchors", numbered([](std::size_t i) { return "- &a" + std::to_string(i) + " 1\n"; })});
        rows.push_back({"many keys", numbered([](std::size_t i) { return "k" + std::to_string(i) + ": 1\n"; })});
        rows.push_back({"many keys, deep", "[[[[{" + numbered([](std::size_t i) { return "\"" + std::to_string(i) + "\":1,"; })});
        rows.push_back({"many values, deep", "[[[[" + repeat("1,")});
        rows.push_back({"many keys, indented",
                        "- - - -\n" + numbered([](std::size_t i) { return "        k" + std::to_string(i) + ": 1\n"; })});
        rows.push_back({"a directive's words", "%A" + repeat(" a")});
        rows.push_back({"a comma", ","});
        return Catch::Generators::from_range(rows);
    }());
    INFO(row.name << " " << row.text.size());
    [[maybe_unused]] const std::size_t before = peak_megabytes();
    const auto document = read_document(row.text, {});
    CHECK_FALSE(document);
    if (!document) CHECK(document.error().message.ends_with('.'));
#ifndef __SANITIZE_ADDRESS__ // which keeps what was freed
#ifndef __SANITIZE_THREAD__
    CHECK(peak_megabytes() - before <= 64);
#endif
#endif
}

TEST_CASE("large but ordinary bodies are taken") {
    std::string deployments = "items:\n";
    for (std::size_t i = 0; deployments.size() < body - 1000; ++i)
        deployments += "- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: name-" + std::to_string(i) +
                       "\n    labels: {app: guestbook, tier: frontend}\n  spec:\n    replicas: 3\n    template:\n      spec:\n"
                       "        containers:\n        - name: php-redis\n          image: gcr.io/google-samples/gb-frontend:v4\n"
                       "          resources:\n            requests:\n              cpu: 100m\n              memory: 100Mi\n"
                       "          env:\n          - name: GET_HOSTS_FROM\n            value: dns\n          ports:\n"
                       "          - containerPort: 80\n";
    const auto document = read_document(deployments, {});
    INFO(error_of(document));
    CHECK(document);
    CHECK(read_document("a: \"" + std::string(body, 'x') + "\"\n", {}));
    CHECK(
        read_document("a: '" + repeat("{\"k\":[1,2,3]},", 1u << 20) + "'\n\"b: c\" : \"" + repeat("[],", 1u << 20) + "\"\n", {}));
    CHECK(read_document("a: |\n" + repeat("  {\"key\": \"value\", \"list\": [1, 2, 3]},\n", 1u << 20), {}));
}
