// SPDX-License-Identifier: Apache-2.0
//
// Many calls as one, and drivers that get it wrong.
#include "residence.hpp"

#include <boost/json/serialize.hpp>

#include <chrono>

namespace rsf::process::test {

namespace {

using Words = std::vector<std::string>;

// What became of each: its object, or its sentence.
Words performed(drivers::Driver &driver, const Words &names, drivers::Verb verb = drivers::Verb::create) {
    std::vector<drivers::Call> calls;
    for (const std::string &name : names) {
        drivers::Call &call = calls.emplace_back();
        call.verb = verb;
        call.name = name;
        call.object = "{}";
        call.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
    }
    Words said;
    for (const drivers::Answer &answer : driver.perform_all(calls))
        said.push_back(answer ? boost::json::serialize(answer->object) : answer.error().message);
    return said;
}

const std::string plain = "{}"; // as it was posted

} // namespace

TEST_CASE("a batch is answered by index, in any order, and calls fail one by one") {
    const auto driver = made("batch_good");
    CHECK(driver->offers("rsf.batch/1"));
    CHECK(driver->batch_limit() == 5);
    CHECK(performed(*driver, {"a", "b", "c"}) == Words{R"({"is":"a"})", "the second is bad", R"({"is":"other"})"});
}

TEST_CASE("a single call, and calls to a driver without batches, are plain ones") {
    CHECK(performed(*made("batch_good"), {"a"}) == Words{plain});
    const auto without = made("order_beyond");
    CHECK(without->batch_limit() == 1);
    CHECK(performed(*without, {"a", "b"}) == Words{plain, plain});
}

TEST_CASE("a verb that the driver does not do never reaches it, in a batch either") {
    for (const std::string &said : performed(*made("batch_good"), {"a", "b"}, drivers::Verb::apply))
        CHECK(said == "the driver 'batch-good' does not offer apply");
}

TEST_CASE("a table for batches without its function is refused") {
    const auto refused = create("batch_null");
    REQUIRE(refused.has_error());
    CHECK_THAT(refused.error().message, ContainsSubstring("its table for rsf.batch/1 has a null function"));
}

TEST_CASE("each nonsense of a batch fails the calls that it is about, with a sentence that names the driver") {
    const std::string beyond =
        "the driver 'batch-beyond' broke the driver ABI in create: it answered a call that its batch does not "
        "have, so that it is not known which ones it means; tell its vendor";
    struct Row {
        std::string name, first, second;
    };
    const std::vector<Row> rows{
        {"batch_twice",
         "the driver 'batch-twice' broke the driver ABI in create: it answered 2 times, so that it is not known which is true; "
         "tell "
         "its vendor",
         "{}"},
        {"batch_silent",
         "the driver 'batch-silent' broke the driver ABI in create: it returned without an answer; tell its vendor", "{}"},
        {"batch_beyond", beyond, beyond},
    };
    for (const Row &row : rows) {
        const auto driver = made(row.name);
        CHECK(performed(*driver, {"a", "b"}) == Words{row.first, row.second});
        CHECK(performed(*driver, {"a"}) == Words{plain}); // it goes on
    }
}

TEST_CASE("an answer that is not JSON costs its own call of a batch") {
    const Words said = performed(*made("batch_nonsense"), {"a", "b"});
    CHECK_THAT(said.at(0), ContainsSubstring("its object is not JSON"));
    CHECK(said.at(1) == "{}");
}

TEST_CASE("an answer to a batch that is over is ignored") {
    const auto driver = made("batch_late");
    const Words names(300, "x"); // more than the calls whose frames are kept
    for (int i = 0; i < 20; ++i) CHECK(performed(*driver, names) == Words(300, "{}"));
}

} // namespace rsf::process::test
