// SPDX-License-Identifier: Apache-2.0
//
// Lists as text: what comes out is what reading and writing the values would give.
#include "support/catch.hpp"

#include "kubectl/text/list_text.hpp"

#include <boost/json/parse.hpp>

namespace {

namespace json = boost::json;
using rsf::kubectl::text::as_list;
using rsf::kubectl::text::items_of;

struct ListRow {
    const char *name;
    std::string text;
    const char *items; // as JSON; null: there are none
};

} // namespace

TEST_CASE("the items of an API server's list say what they are") {
    for (const ListRow &row : {
             ListRow{"none", R"({"items":[]})", "[]"},
             ListRow{"null", R"({"items": null})", "[]"},
             ListRow{"typed", R"({"kind":"PodList","items":[{"metadata":{"name":"x"}},{"a":1}],"metadata":{"continue":""}})",
                     R"([{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"}},{"apiVersion":"v1","kind":"Pod","a":1}])"},
             ListRow{"empty item", R"({"items":[{}]})", R"([{"apiVersion":"v1","kind":"Pod"}])"},
             ListRow{"said already", R"({"items":[{"kind":"Pod","apiVersion":"v1"}]})", R"([{"kind":"Pod","apiVersion":"v1"}])"},
             ListRow{"half said", R"({"items":[{"kind":"Pod", "b": 2}]})", R"([{"apiVersion":"v1","kind":"Pod","b":2}])"},
             ListRow{"with spaces", " {\n \"items\" : [ { \"a\" : [ 1 , true , null ] } ,\t{ } ] } \n",
                     R"([{"apiVersion":"v1","kind":"Pod","a":[1,true,null]},{"apiVersion":"v1","kind":"Pod"}])"},
             ListRow{"brackets and quotes in texts", R"({"x":"\"}]","items":[{"a":"}]\"{\\","kind":"Pod","apiVersion":"v1"}]})",
                     R"([{"a":"}]\"{\\","kind":"Pod","apiVersion":"v1"}])"},
             ListRow{"kind further in", R"({"items":[{"spec":{"kind":"Node","apiVersion":"v2"}}]})",
                     R"([{"apiVersion":"v1","kind":"Pod","spec":{"kind":"Node","apiVersion":"v2"}}])"},
             ListRow{"empty", "", nullptr},
             ListRow{"no JSON", "it is down", nullptr},
             ListRow{"an array", "[]", nullptr},
             ListRow{"no items", R"({"kind":"Status"})", nullptr},
             ListRow{"items are an object", R"({"items":{}})", nullptr},
             ListRow{"an item is a number", R"({"items":[1]})", nullptr},
             ListRow{"an item is a text", R"({"items":[{},"x"]})", nullptr},
             ListRow{"cut", R"({"items":[{"a":1})", nullptr},
             ListRow{"cut in a text", R"({"items":[{"a":"\)", nullptr},
             ListRow{"cut after a backslash", "{\"items\":[\"\\", nullptr},
             ListRow{"more after it", R"({"items":[]} {})", nullptr},
             ListRow{"comma without an item", R"({"items":[{},]})", nullptr},
             ListRow{"no colon", R"({"items"[]})", nullptr},
         }) {
        INFO(row.name);
        const std::optional<std::string> list = as_list(row.text, "v1", "Pod");
        REQUIRE(list.has_value() == (row.items != nullptr));
        if (!list) continue;
        CHECK(json::parse(*list) == json::object{{"apiVersion", "v1"},
                                                 {"items", json::parse(row.items)},
                                                 {"kind", "List"},
                                                 {"metadata", {{"resourceVersion", ""}, {"selfLink", ""}}}});
        CHECK(items_of(*list).has_value());
    }
}

TEST_CASE("a list that is cut anywhere is refused, and nothing beyond its end is read") {
    const std::string whole = R"({"items":[{"a":"\\\"x","b":[1,{"c":null}]},{}]})";
    REQUIRE(as_list(whole, "v1", "Pod"));
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(as_list(std::string(whole, 0, size), "v1", "Pod"));
}
