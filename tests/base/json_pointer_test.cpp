// SPDX-License-Identifier: Apache-2.0
#include "base/json_pointer.hpp"

#include "support/catch.hpp"

#include <boost/json/value.hpp>

using namespace rsf::base;
namespace json = boost::json;

TEST_CASE("a key becomes one token of a JSON Pointer, whatever it contains") {
    struct Row {
        const char *name, *key, *pointer;
    };
    const Row rows[] = {
        {"plain", "ab", "/x/ab"},      {"a slash", "a/b", "/x/a~1b"},
        {"a tilde", "a~b", "/x/a~0b"}, {"what looks escaped", "~1", "/x/~01"},
        {"empty", "", "/x/"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const std::string pointer = below("/x", row.key);
        CHECK(pointer == row.pointer);
        // Boost.JSON, which follows RFC 6901 too, finds the value there.
        const json::value document{{"x", {{row.key, "found"}}}};
        CHECK(document.at_pointer(pointer) == "found");
    }
}

TEST_CASE("an entry of a list is named by its number") {
    CHECK(below("/listen", std::size_t{12}) == "/listen/12");
    CHECK(below(below({}, std::size_t{0}), "a/b") == "/0/a~1b");
}
