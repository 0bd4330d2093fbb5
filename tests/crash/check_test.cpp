// SPDX-License-Identifier: Apache-2.0
#include "crash/check.hpp"
#include "support/catch.hpp"

using namespace rsf::test::crash;

namespace {

using State = std::optional<std::string>;

Step step(Verb verb, std::string marker, std::string status, std::string code = {}, std::int64_t from = 0, std::int64_t to = 10) {
    return {verb, std::move(marker), std::move(status), std::move(code), {}, "op", from, to};
}
Step creation(std::string status, std::string marker = "a", std::string code = {}) {
    return step(Verb::create, std::move(marker), std::move(status), std::move(code));
}
Step deletion(std::string status, std::string code = {}) { return step(Verb::remove, {}, std::move(status), std::move(code)); }
Event added(std::string marker) { return {Event::Kind::added, std::move(marker)}; }
Event changed(std::string marker) { return {Event::Kind::modified, std::move(marker)}; }
Event deleted() { return {Event::Kind::deleted, {}}; }

struct Case {
    const char *name;
    State before, now;
    std::vector<Step> steps;
    std::optional<std::vector<Event>> events;
};

const State absent;

} // namespace

TEST_CASE("what can be true of an object is no fault") {
    const std::vector<Case> cases{
        {"nothing happened", "x", "x", {}, {}},
        {"created", absent, "a", {creation("Created")}, {{added("a")}}},
        {"created and deleted by two at once",
         absent,
         absent,
         {creation("Created"), deletion("Deleted")},
         {{added("a"), deleted()}}},
        {"it was there", "x", "x", {creation("Failed", "a", "already-exists")}, {}},
        {"nobody knows, and it was done", absent, "a", {creation("Unknown")}, {}},
        {"nobody knows, and it was not done", absent, absent, {creation("Unknown")}, {}},
        {"replaced", "x", "a", {step(Verb::replace, "a", "Replaced")}, {{changed("a")}}},
        {"written anew with what was there", "x", "x", {}, {{changed("x")}}},
        {"aborted", "x", "x", {step(Verb::replace, "a", "Aborted"), deletion("Aborted")}, {{}}},
        {"a failure that says nothing, not done", absent, absent, {creation("Failed", "a", "unavailable")}, {{}}},
    };
    for (const Case &each : cases) {
        INFO(each.name);
        const Verdict verdict = judge(each.before, each.now, each.steps, each.events ? &*each.events : nullptr);
        CHECK(verdict.wrong == "");
        CHECK(verdict.known.empty());
    }
}

TEST_CASE("what can't be true of an object is wrong") {
    const std::vector<Case> cases{
        {"lost", absent, absent, {creation("Created")}, {}},
        {"done, though it was aborted", absent, "a", {creation("Aborted")}, {}},
        {"done, though it was there", "x", "a", {creation("Failed", "a", "already-exists")}, {}},
        {"created over another", "x", "a", {creation("Created")}, {}},
        {"not deleted", "x", "x", {deletion("Deleted")}, {}},
        {"from nowhere", absent, "b", {creation("Created")}, {}},
        {"the earlier one came later",
         absent,
         "a",
         {step(Verb::apply, "a", "Created", {}, 0, 10), step(Verb::apply, "b", "Replaced", {}, 20, 30)},
         {}},
        {"created twice", absent, "a", {creation("Created")}, {{added("a"), deleted(), added("a")}}},
        {"written over what came later",
         "x",
         "a",
         {step(Verb::replace, "a", "Replaced"), step(Verb::replace, "b", "Replaced")},
         {{changed("a"), changed("b"), changed("a")}}},
        {"written twice, with what nobody saw", "x", "a", {step(Verb::replace, "a", "Replaced")}, {{changed(""), changed("")}}},
        {"deleted twice", "x", "a", {deletion("Deleted"), creation("Created")}, {{deleted(), added("b"), deleted(), added("a")}}},
    };
    for (const Case &each : cases) {
        INFO(each.name);
        CHECK(judge(each.before, each.now, each.steps, each.events ? &*each.events : nullptr).wrong != "");
    }
}

TEST_CASE("known faults are told apart") {
    Step foreign = creation("Created", "f");
    foreign.is_foreign = true;
    const std::vector<std::pair<Case, Known>> cases{
        {{"equal", "a", "a", {creation("Created")}, {}}, Known::equal_before},
        {{"lost with its driver", absent, "a", {creation("Failed", "a", "internal")}, {}}, Known::done_but_failed},
        {{"deleted with its driver", "x", absent, {deletion("Failed", "unavailable")}, {{deleted()}}}, Known::done_but_failed},
        {{"made anew", "x", absent, {deletion("Deleted"), foreign}, {{deleted(), added("f"), deleted()}}}, Known::deleted_later},
    };
    for (const auto &[each, known] : cases) {
        INFO(each.name);
        const Verdict verdict = judge(each.before, each.now, each.steps, each.events ? &*each.events : nullptr);
        CHECK(verdict.wrong == "");
        REQUIRE_FALSE(verdict.known.empty());
        CHECK(verdict.known.front() == known);
    }
}
