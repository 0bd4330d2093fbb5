// SPDX-License-Identifier: Apache-2.0
#include "api/answer/report.hpp"

#include "base/budget.hpp"
#include "drivers/answer.hpp"
#include "support/catch.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <string>

using namespace rsf::api;
using namespace rsf::base;
using namespace rsf::drivers;
namespace json = boost::json;

TEST_CASE("an answer that is text goes through, and one that is written is counted as it grows") {
    const auto budget = std::make_shared<Budget>();
    const Format json_form{Form::json, "application/json"}, yaml_form{Form::yaml, "application/yaml"};
    Success text;
    text.text = R"({"b": 1, "a": [ 2 ]})";
    CHECK(answer_read(Answer(text), json_form).body == R"({"b": 1, "a": [ 2 ]})"
                                                       "\n");

    json::array items;
    for (int i = 0; i < 1000; ++i) items.emplace_back(std::string(200, 'x'));
    const Answer list = Success{json::object{{"items", std::move(items)}}, 0, {}};
    Share small(budget, 100'000), large(budget, 1'000'000);
    const Response refused = answer_read(list, yaml_form, &small);
    CHECK(refused.status == 503);
    CHECK(small.was_refused());
    const Response written = answer_read(list, yaml_form, &large);
    CHECK(written.status == 200);
    CHECK(written.body == answer_read(list, yaml_form).body);
    CHECK(large.amount() + 4096 >= written.body.size());

    // Too large for what there is, and so are many small answers not.
    Share none(budget, 0);
    CHECK(answer_read(Success{json::object{{"a", 1}}, 0, {}}, yaml_form, &none).status == 200);
    const Answer dropped = no_memory();
    CHECK(answer_read(dropped, json_form, &small).status == 503);
}
