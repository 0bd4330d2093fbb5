// SPDX-License-Identifier: Apache-2.0
#include "graph/value_size.hpp"

#include "support/catch.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <string>

using namespace rsf::graph;

TEST_CASE("the size of a value grows with its text, its keys and its parts") {
    const auto size = [](const std::string &text) { return value_size(boost::json::parse(text)); };
    CHECK(size("null") > 0);
    CHECK(size(R"("xxxxxxxxxx")") == size(R"("")") + 10);
    CHECK(size(R"({"kkkkkkkkkk": 1})") == size(R"({"": 1})") + 10);
    CHECK(size("[1,2,3,4]") == size("[1,2]") + 2 * size("1"));
    CHECK(size(R"({"a": {"b": ["xxxx"]}})") == size(R"({"a": {"b": [""]}})") + 4);
}

TEST_CASE("a value that is very deep needs no deep stack") {
    boost::json::value deep = "$(ref.a.b)";
    for (int i = 0; i < 1000; ++i) deep = boost::json::array{std::move(deep)};
    CHECK(value_size(deep) > 1000);
}
