// SPDX-License-Identifier: Apache-2.0
//
// What listeners are told, and what the store is.
#include "support/catch.hpp"

#include "operations/desk.hpp"

using namespace rsf::operations::test;

namespace {

store::Operation record_of(const std::vector<std::string> &names) {
    store::Operation record;
    record.id = "X";
    record.state = State::running;
    for (const std::string &name : names) record.steps.emplace_back().name = name;
    return record;
}

// "2:a=Running 3:running", in the order of the numbers.
std::string told(const Changes &changes) {
    std::string text;
    for (const Changes::Step &change : changes.steps)
        text += std::to_string(change.number) + ":" + change.step.name + "=" +
                (change.said.empty() ? change.step.status : change.said) + " ";
    if (changes.state)
        text += std::to_string(changes.state->first) + ":" + std::string(word_of(changes.state->second.state)) + " ";
    return text + (changes.has_ended ? "." : "");
}

run::Report report_for(const std::vector<parse::Status> &statuses) {
    parse::Configuration configuration;
    for (const parse::Status status : statuses) configuration.resources.emplace_back().state = parse::State{status, {}, {}};
    return configuration;
}

} // namespace

TEST_CASE("a listener gets each change since the one it has seen, each step as it is now, and the end last") {
    Running running(record_of({"a", "b"}), drivers::Verb::create);
    CHECK(told(running.changes_since(0, 10)) == "1:running ");
    running.step_begun(0);
    running.step_begun(1);
    CHECK(told(running.changes_since(1, 10)) == "2:a=Running 3:b=Running ");
    running.step_ended(0, drivers::Success{});
    CHECK(told(running.changes_since(1, 10)) == "3:b=Running 4:a=Created ");
    CHECK(told(running.changes_since(3, 10)) == "4:a=Created ");
    CHECK(told(running.changes_since(1, 1)) == "3:b=Running ");
    CHECK(told(running.changes_since(4, 10)).empty());
    running.end(report_for({parse::Status::created, parse::Status::created}));
    CHECK(told(running.changes_since(4, 10)).find("succeeded") == std::string::npos); // it is not in the store yet
    running.settled();
    const std::string last = told(running.changes_since(4, 10));
    CHECK_THAT(last, EndsWith("succeeded ."));
    CHECK_THAT(last, ContainsSubstring("b=Created"));
}

TEST_CASE("a listener gets the last line that a driver said of each step, as long as the step runs") {
    Running running(record_of({"a", "b"}), drivers::Verb::create);
    running.step_begun(0);
    running.step_begun(1);
    running.step_said(0, "half");
    running.step_said(1, "begins");
    running.step_said(0, "nearly");
    CHECK(told(running.changes_since(1, 10)) == "2:a=Running 3:b=Running 5:b=begins 6:a=nearly ");
    CHECK(told(running.changes_since(3, 1)) == "5:b=begins ");
    running.step_ended(0, drivers::Success{});
    running.step_said(0, "too late");
    running.step_said(7, "of none");
    CHECK(told(running.changes_since(3, 10)) == "5:b=begins 7:a=Created ");
    CHECK_FALSE(running.take_unsaved()->steps.empty());
}

TEST_CASE("who waits for a change is called once, at once if there is one") {
    Running running(record_of({"a"}), drivers::Verb::create);
    int called = 0, ended = 0;
    running.when_changed(0, [&] { ++called; });
    CHECK(called == 1);
    running.when_changed(1, [&] { ++called; });
    running.when_ended([&](const store::Operation &) { ++ended; });
    CHECK(called == 1);
    running.step_begun(0);
    running.step_ended(0, drivers::Success{});
    CHECK(called == 2);
    running.end(report_for({parse::Status::created}));
    CHECK(ended == 0);
    running.when_changed(running.last_change(), [&] { ++called; });
    CHECK(running.record().state == State::running); // nobody hears of an end before the store has it
    running.settled();
    CHECK(called == 3);
    CHECK(ended == 1);
    running.when_ended([&](const store::Operation &record) { ended += record.state == State::succeeded ? 10 : 0; });
    CHECK(ended == 11);
    running.when_changed(100, [&] { ++called; }); // no more comes: it is told at once
    CHECK(called == 4);
}

TEST_CASE("the store gets what it lacks, and again what it did not take") {
    Running running(record_of({"a", "b"}), drivers::Verb::create);
    CHECK_FALSE(running.take_unsaved());
    running.step_begun(1);
    auto progress = running.take_unsaved();
    REQUIRE(progress);
    REQUIRE(progress->steps.size() == 1);
    CHECK(progress->steps[0].first == 1);
    CHECK(progress->steps[0].second.status == "Running");
    CHECK_FALSE(running.take_unsaved());
    running.step_ended(0, drivers::Success{});
    running.give_back(*progress);
    progress = running.take_unsaved();
    REQUIRE(progress);
    CHECK(progress->steps.size() == 2);
    running.end(report_for({parse::Status::created, parse::Status::created}));
    CHECK_FALSE(running.take_unsaved()); // the end has all of it
}

TEST_CASE("what had ended before a restart stays as it was, and cancelling ends with the operation") {
    store::Operation record = record_of({"a"});
    record.steps[0].status = "Created";
    record.steps[0].ended = store::now();
    Running running(record, drivers::Verb::create, 1000);
    CHECK(told(running.changes_since(0, 10)) == "1001:a=Created 1000:running "); // to a listener who knows nothing
    CHECK(told(running.changes_since(7, 10)) == "1001:a=Created 1000:running "); // or numbers of the daemon before
    running.step_begun(0);
    running.step_ended(0, drivers::Failure(internal("no")));
    CHECK(running.record().steps[0].status == "Created");
    CHECK(running.cancel());
    CHECK(running.is_cancelled());
    CHECK(running.end(report_for({parse::Status::aborted})).state == State::cancelled);
    CHECK_FALSE(running.cancel());
}
