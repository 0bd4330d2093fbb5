// SPDX-License-Identifier: Apache-2.0
//
// What ABI 1.1 added, wherever the driver lives.
#include "residence.hpp"

#include <resourcifier/extensions.h>

#include <boost/json/serialize.hpp>

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

namespace rsf::process::test {

namespace {

drivers::Call call_1_1(drivers::Verb verb, std::string type, std::string name = "x", std::string object = {}) {
    drivers::Call made;
    made.verb = verb;
    made.type = std::move(type);
    made.name = std::move(name);
    made.object = std::move(object);
    made.request_id = "r-1";
    made.deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    return made;
}

// What "say" answers with: its revision, and its warnings as JSON.
drivers::Answer said(drivers::Driver &driver, std::string revision, std::string warnings) {
    drivers::Call call = call_1_1(drivers::Verb::get, "say", std::move(revision));
    call.ns = std::move(warnings);
    return driver.perform(call);
}

template <class T> T answered(boost::system::result<T, drivers::Failure> answer) {
    if (!answer) FAIL(answer.error().message);
    return std::move(*answer);
}

std::string sentence(const auto &answer) { return answer ? "it was taken" : answer.error().message; }

struct Heard {
    std::mutex mutex;
    std::vector<std::string> lines;
};

} // namespace

TEST_CASE("a driver of ABI 1.1 says its abilities, and hears of the operation") {
    const auto driver = made("speaks_1_1");
    CHECK(driver->descriptor().abi_minor == 1);
    CHECK(driver->descriptor().checks_revisions);
    CHECK(driver->extensions() == std::vector<std::string>{RSF_EXT_SETTLE, RSF_EXT_KIND});
    drivers::Call sent = call_1_1(drivers::Verb::replace, "call", "x", "{}");
    sent.operation = "op-7";
    sent.step = 42;
    sent.expected_revision = "r1";
    sent.began_ms = 1'796'126'400'123;
    CHECK(boost::json::serialize(answered(driver->perform(sent)).object) ==
          R"({"operation":"op-7","step":42,"expected":"r1","accepted":1796126400123})");
}

TEST_CASE("revisions and warnings come with results") {
    const auto driver = made("speaks_1_1");
    const drivers::Success got = answered(said(*driver, "r-1/2~", R"(["It is old.", "a\u001bb", ""])"));
    CHECK(got.revision == "r-1/2~");
    CHECK(got.warnings == std::vector<std::string>{"It is old.", "a\\x1Bb"});
    const drivers::Success none = answered(said(*driver, "", ""));
    CHECK(none.revision.empty());
    CHECK(none.warnings.empty());
}

TEST_CASE("each nonsense of a revision or of warnings fails its call, and too many warnings are cut") {
    const auto driver = made("speaks_1_1");
    CHECK_THAT(sentence(said(*driver, "a b", "")), ContainsSubstring("its revision has a character that is not visible ASCII"));
    CHECK_THAT(sentence(said(*driver, "a\nb", "")), ContainsSubstring("its revision has a character that is not visible ASCII"));
    CHECK_THAT(sentence(said(*driver, std::string(1025, 'a'), "")), ContainsSubstring("its 'revision' is 1025 bytes long"));
    CHECK_THAT(sentence(said(*driver, "", "nonsense")), ContainsSubstring("its warnings are not JSON"));
    CHECK_THAT(sentence(said(*driver, "", "[\"\xFF\"]")), ContainsSubstring("its warnings are not JSON"));
    CHECK_THAT(sentence(said(*driver, "", R"({"a": "b"})")), ContainsSubstring("its warnings are not a JSON array of sentences"));
    CHECK_THAT(sentence(said(*driver, "", R"(["a", 1])")), ContainsSubstring("its warnings are not a JSON array of sentences"));
    CHECK_THAT(sentence(said(*driver, "", "[\"" + std::string(2'000'000, 'a') + "\"]")),
               ContainsSubstring("its 'warnings' is 2000004 bytes long"));
    std::string many = "[\"" + std::string(5000, 'a') + "\"";
    for (int i = 0; i < 99; ++i) many += ",\"b\"";
    const drivers::Success cut = answered(said(*driver, "", many + "]"));
    REQUIRE(cut.warnings.size() == 17);
    CHECK(cut.warnings[0].size() <= 1024 + 3);
    CHECK(cut.warnings[16] == "There are 84 more warnings, which are left out.");
}

TEST_CASE("a write at an expected revision is done at that one alone") {
    const auto driver = made("speaks_1_1");
    const drivers::Success created = answered(driver->perform(call_1_1(drivers::Verb::create, "cm", "a", R"({"n":1})")));
    REQUIRE_FALSE(created.revision.empty());
    drivers::Call write = call_1_1(drivers::Verb::replace, "cm", "a", R"({"n":2})");
    write.expected_revision = "r0";
    const drivers::Answer refused = driver->perform(write);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Code::conflict);
    write.expected_revision = created.revision;
    const drivers::Success replaced = answered(driver->perform(write));
    CHECK(replaced.revision != created.revision);
    CHECK(answered(driver->perform(call_1_1(drivers::Verb::get, "cm", "a"))).revision == replaced.revision);
}

TEST_CASE("a driver that knows no revisions is sent no write at one, and the answer says so") {
    const std::string file = GENERATE("good_c", "released_1.0");
    const auto driver = made(file);
    answered(driver->perform(call_1_1(drivers::Verb::create, "cm", "a", R"({"n":1})")));
    drivers::Call write = call_1_1(drivers::Verb::replace, "cm", "a", R"({"n":2})");
    write.expected_revision = "r1";
    const drivers::Answer refused = driver->perform(write);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Code::unsupported);
    CHECK(refused.error().retry == drivers::Failure::Retry::never);
    CHECK_THAT(refused.error().message, StartsWith("the driver 'good-c' does not check at which revision an object is, so "
                                                   "nothing was done"));
    for (const drivers::Answer &each : driver->perform_all({write, write})) CHECK(each.error().code == Code::unsupported);
    CHECK(boost::json::serialize(answered(driver->perform(call_1_1(drivers::Verb::get, "cm", "a"))).object) == R"({"n":1})");
    // What is of no consequence is sent.
    write.expected_revision.clear();
    write.operation = "op-7";
    CHECK(driver->perform(write).has_value());
}

TEST_CASE("an expected revision that is none, or for a verb that has none, never reaches the driver") {
    const auto driver = made("speaks_1_1");
    for (const std::string &bad : {std::string("a b"), std::string("a\nb"), std::string(1025, 'a')}) {
        drivers::Call write = call_1_1(drivers::Verb::replace, "call", "x", "{}");
        write.expected_revision = bad;
        CHECK(driver->perform(write).error().code == Code::invalid);
    }
    drivers::Call read = call_1_1(drivers::Verb::get, "call");
    read.expected_revision = "r1";
    CHECK(driver->perform(read).error().code == Code::invalid);
}

TEST_CASE("a driver says whether a write was done") {
    const auto driver = made("speaks_1_1");
    drivers::Call write = call_1_1(drivers::Verb::create, "cm", "s", R"({"n":1})");
    write.operation = "op-1";
    write.step = 3;
    CHECK(answered(driver->settle(write)).how == drivers::Settlement::How::not_done);
    CHECK(driver->perform(call_1_1(drivers::Verb::get, "cm", "s")).error().code == Code::not_found);
    const drivers::Success done = answered(driver->perform(write));
    const drivers::Settlement settled = answered(driver->settle(write));
    CHECK(settled.how == drivers::Settlement::How::done);
    CHECK(boost::json::serialize(settled.object) == R"({"n":1})");
    CHECK(settled.revision == done.revision);
    write.step = 4;
    CHECK(answered(driver->settle(write)).how == drivers::Settlement::How::not_done);
    write.step = 3;
    answered(driver->perform(call_1_1(drivers::Verb::remove, "cm", "s", "{}")));
    const drivers::Settlement unknown = answered(driver->settle(write));
    CHECK(unknown.how == drivers::Settlement::How::unknown);
    CHECK(unknown.reason == "the object is gone");
    CHECK(made("good_c")->settle(write).error().code == Code::unsupported);
}

TEST_CASE("a driver names a type") {
    const auto driver = made("speaks_1_1");
    const drivers::TypeName name{"", "ConfigMap", true, true};
    CHECK(answered(driver->kind(call_1_1(drivers::Verb::get, "cm"))) == name);
    CHECK(answered(driver->kind(call_1_1(drivers::Verb::create, "ConfigMap", "x", "{}"))) == name);
    CHECK(driver->kind(call_1_1(drivers::Verb::get, "nonsense")).error().code == Code::not_found);
    CHECK(made("good_c")->kind(call_1_1(drivers::Verb::get, "cm")).error().code == Code::unsupported);
}

TEST_CASE("nonsense of a settlement or of a type's name is a fault of the driver") {
    const auto driver = made("speaks_1_1");
    const auto settled = [&](const std::string &answer) {
        return sentence(driver->settle(call_1_1(drivers::Verb::create, "say", "", answer)));
    };
    CHECK_THAT(settled("nonsense"), StartsWith("the driver 'speaks-1-1' broke the driver ABI in settle: its object is not JSON"));
    CHECK_THAT(settled(R"({"settled": "perhaps"})"), ContainsSubstring("what it says is no object with \"settled\""));
    CHECK_THAT(settled(R"({"settled": true})"), ContainsSubstring("what it says is no object with \"settled\""));
    CHECK_THAT(settled(R"({"settled": "done", "object": 7})"), ContainsSubstring("is not an object"));
    CHECK_THAT(settled(R"({"settled": "done", "outcome": "perhaps"})"), ContainsSubstring("\"outcome\" of the write is none of"));
    CHECK_THAT(settled(R"({"settled": "unknown"})"), ContainsSubstring("has no \"reason\""));
    CHECK_THAT(settled(R"({"settled": "unknown", "reason": ""})"), ContainsSubstring("has no \"reason\""));
    const auto named = [&](const std::string &answer) {
        return sentence(driver->kind(call_1_1(drivers::Verb::create, "say", "", answer)));
    };
    const std::string rest = R"("namespaced": true, "there": null})";
    CHECK(named(R"({"group": "a.b", "kind": "C_d-9", )" + rest) == "it was taken");
    CHECK_THAT(named("[]"), ContainsSubstring("broke the driver ABI in kind: its object is JSON, but not a JSON object"));
    CHECK_THAT(named("{}"), ContainsSubstring("no \"group\""));
    CHECK_THAT(named(R"({"group": "a/b", "kind": "C", )" + rest), ContainsSubstring("no \"group\""));
    CHECK_THAT(named(R"({"group": "", "kind": "", )" + rest), ContainsSubstring("no \"kind\""));
    CHECK_THAT(named(R"({"group": "", "kind": "a b", )" + rest), ContainsSubstring("no \"kind\""));
    CHECK_THAT(named(R"({"group": "", "kind": ")" + std::string(254, 'a') + "\", " + rest), ContainsSubstring("no \"kind\""));
    CHECK_THAT(named(R"({"group": "", "kind": "C", "there": true})"), ContainsSubstring("no \"namespaced\""));
    CHECK_THAT(named(R"({"group": "", "kind": "C", "namespaced": true, "there": "yes"})"), ContainsSubstring("no \"there\""));
}

TEST_CASE("a driver's progress reaches its call and, for debugging, the log: bounded, escaped and not too often") {
    const LevelLines lines;
    lines.log->set_level(spdlog::level::debug);
    const auto driver = made("speaks_1_1", "{}", lines.log);
    const auto heard = std::make_shared<Heard>();
    const auto progress = [&](std::string line, std::string ns) {
        drivers::Call call = call_1_1(drivers::Verb::get, "progress", std::move(line));
        call.ns = std::move(ns);
        call.progress = [heard](std::string_view said) {
            const std::lock_guard lock(heard->mutex);
            heard->lines.emplace_back(said);
        };
        answered(driver->perform(call));
    };
    progress("1 of 3\n\xFF", "");
    CHECK(heard->lines == std::vector<std::string>{"1 of 3\\x0A\\xFF"});
    CHECK(lines.with("progress: ") == std::vector<std::string>{"debug target=prod request=r-1 progress: 1 of 3\\x0A\\xFF"});
    heard->lines.clear();
    progress(std::string(1'000'000, 'x'), "");
    REQUIRE(heard->lines.size() == 1);
    CHECK(heard->lines[0].size() <= 512 + 3);
    heard->lines.clear();
    progress("again", "many");
    CHECK(heard->lines.size() >= 20);
    CHECK(heard->lines.size() < 100);
    heard->lines.clear();
    progress("", "");
    CHECK(heard->lines.empty());
    // Nobody needs to listen.
    CHECK(driver->perform(call_1_1(drivers::Verb::get, "progress", "alone")).has_value());
}

TEST_CASE("a table of rsf.kind/1 without its function is refused") {
    const auto refused = create("kind_null");
    REQUIRE(refused.has_error());
    CHECK_THAT(to_string(refused.error()), ContainsSubstring("its table for rsf.kind/1 has a null function"));
}

} // namespace rsf::process::test
