// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "store/step_text.hpp"
#include "store/store_samples.hpp"

using namespace rsf::store;

TEST_CASE("steps are read as they were written, with all that is in them and with nothing") {
    Step whole = step_of("a\n\"b\" \U0001F600", "Failed");
    whole.object.group = "apps";
    whole.errors = {"one", "", "three"};
    whole.code = "1042";
    whole.details = R"({"causes": []})";
    whole.retry_after = std::chrono::seconds(7);
    whole.warnings = {"old"};
    whole.selflink = "/x";
    whole.started = at(1);
    whole.ended = at(-1);
    const std::vector<Step> steps{whole, {}, step_of("c")};
    CHECK(got(read_steps(text_of(steps))) == steps);
    CHECK(got(read_step(text_of(whole))) == whole);
    CHECK(text_of(std::vector<Step>{}) == "[]");
    CHECK(text_of(Step{}) == "{}");
}

TEST_CASE("a text that is no steps is refused, and a member of a wrong type is as none") {
    for (const char *text : {"", "{", "{}", "[1]", "[[]]", "null", "[{}"}) CHECK_FALSE(read_steps(text).has_value());
    for (const char *text : {"", "[]", "1", "{\"a\":"}) CHECK_FALSE(read_step(text).has_value());
    CHECK(got(read_step(R"({"name": 1, "errors": [2, "x"], "started": "y", "ended": 1e300, "retry_after": -1, "status": []})"))
              .errors == std::vector<std::string>{"x"});
}
