// SPDX-License-Identifier: Apache-2.0
//
// What is made of answers that ABI 1.1 added: warnings, settlements, names of types.
#include "drivers/answer.hpp"

#include "support/catch.hpp"

#include <resourcifier/answer.h>

#include <string>
#include <vector>

namespace rsf::drivers::test {

namespace {

RawAnswer raw_result(std::string object, std::string revision = {}, std::string warnings = {}) {
    RawAnswer raw;
    raw.answers = 1;
    raw.first = RawAnswer::Result{RSF_OUTCOME_DONE, std::move(object), {}, 0, std::move(revision), std::move(warnings)};
    return raw;
}

const std::vector<std::string> secret{"s3cr3t"};

} // namespace

TEST_CASE("a secret is hidden in a warning and in why a write can't be settled") {
    const Answer warned = judge(raw_result("{}", {}, R"(["the s3cr3t is old"])"), Verb::get, "x", secret);
    CHECK(warned->warnings == std::vector<std::string>{"the (hidden) is old"});
    const Settled unknown =
        judge_settlement(raw_result(R"({"settled": "unknown", "reason": "the s3cr3t is gone"})"), "x", secret, Wanted());
    CHECK(unknown->reason == "the (hidden) is gone");
}

TEST_CASE("a delete has revision and warnings judged as any other") {
    const Answer deleted = judge(raw_result("", "", R"(["it comes back"])"), Verb::remove, "x", {});
    CHECK(deleted->warnings == std::vector<std::string>{"it comes back"});
    CHECK(judge(raw_result("", "a b"), Verb::remove, "x", {}).has_error());
    CHECK(judge(raw_result("", "", "7"), Verb::remove, "x", {}).has_error());
}

TEST_CASE("texts that only a hostile process passes on are refused as well") {
    CHECK(judge(raw_result("{}", std::string(2000, 'a')), Verb::get, "x", {}).has_error());
    const std::string much = "[\"" + std::string(2'000'000, 'a') + "\"]";
    const Answer refused = judge(raw_result("{}", {}, much), Verb::get, "x", {});
    REQUIRE(refused.has_error());
    CHECK_THAT(refused.error().message, ContainsSubstring("its warnings are 2000004 bytes long"));
}

TEST_CASE("what a driver is answered by another target has revision and warnings too") {
    Success success;
    success.object = boost::json::object{};
    success.revision = "r1";
    success.warnings = {"It is old.", "a \"b\""};
    const RawAnswer raw = raw_answer_of(success);
    const auto &result = std::get<RawAnswer::Result>(raw.first);
    CHECK(result.revision == "r1");
    CHECK(result.warnings == R"(["It is old.","a \"b\""])");
    success.warnings.clear();
    CHECK(std::get<RawAnswer::Result>(raw_answer_of(success).first).warnings.empty());
}

TEST_CASE("a driver that fails to settle or to name keeps its code, and what is to be done") {
    RawAnswer raw;
    raw.answers = 1;
    raw.first = RawAnswer::Failure{1042, "It rains.", RSF_RETRY_LATER, 1500, R"({"in": "London"})", RSF_EFFECT_KNOWN};
    const Settled settled = judge_settlement(raw, "x", {}, Wanted());
    REQUIRE(settled.has_error());
    CHECK(settled.error().number == 1042);
    CHECK(settled.error().retry_after == std::chrono::milliseconds(1500));
    CHECK(settled.error().details.at("in") == "London");
    CHECK(settled.error().effect == Failure::Effect::known);
    CHECK(judge_kind(raw, "x", {}).error().message == "It rains.");
    raw.answers = 0;
    CHECK_THAT(judge_kind(raw, "x", {}).error().message, ContainsSubstring("broke the driver ABI in kind: it returned without"));
}

TEST_CASE("what a settlement knows is read") {
    const Settled done = judge_settlement(raw_result(R"({"settled": "done", "object": {"a": 1}})", "r7"), "x", {}, Wanted());
    CHECK(done->how == Settlement::How::done);
    CHECK(done->object == boost::json::value{{"a", 1}});
    CHECK(done->revision == "r7");
    CHECK(judge_settlement(raw_result(R"({"settled": "done"})"), "x", {}, Wanted())->object.is_null());
    const Settled not_done = judge_settlement(raw_result(R"({"settled": "not-done"})", "r8"), "x", {}, Wanted());
    CHECK(not_done->how == Settlement::How::not_done);
    CHECK(not_done->revision == "r8");
    const auto outcome = [&](const char *word) {
        return judge_settlement(raw_result(std::string(R"({"settled": "done", "outcome": ")") + word + "\"}"), "x", {}, Wanted())
            ->outcome;
    };
    CHECK(outcome("created") == RSF_OUTCOME_CREATED);
    CHECK(outcome("changed") == RSF_OUTCOME_CHANGED);
    CHECK(outcome("unchanged") == RSF_OUTCOME_UNCHANGED);
}

} // namespace rsf::drivers::test
