// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "operations/desk.hpp"

using namespace rsf::operations::test;
using drivers::Verb;

TEST_CASE("an operation is in the store before its first call, and its end before its client hears of it") {
    Desk desk;
    std::atomic<bool> was_recorded = false, was_ended = false;
    desk.cluster->behave([&](const drivers::Call &) -> drivers::Answer {
        const auto page = desk.store->list({}, 10, "").value();
        was_recorded = page.operations.size() == 1 && page.operations[0].state == State::running;
        return drivers::Success{json::object{{"value", 1}}, 0, "/x"};
    });
    std::promise<std::string> id;
    Wanted wanted;
    wanted.target = desk.target();
    wanted.operation.configuration = things({"a", "b<a"});
    wanted.reason = "ticket 7";
    std::promise<void> done;
    desk.operations->begin(
        std::move(wanted), [&](auto accepted) { id.set_value(accepted.value().id); },
        [&, told = id.get_future().share()](const run::Report &) {
            was_ended = desk.store->find(told.get()).value()->state == State::succeeded;
            done.set_value();
        });
    done.get_future().get();
    CHECK(was_recorded);
    CHECK(was_ended);
    const store::Operation record = *desk.store->find(desk.store->list({}, 1, "").value().operations[0].id).value();
    CHECK(record.reason == "ticket 7");
    CHECK(statuses(record) == "Created Created");
    CHECK(record.payload.empty());
    CHECK(record.steps[1].object == store::ObjectName{"", "Thing", "shop", "b"});
    CHECK((record.started && record.ended && record.steps[0].started && record.steps[0].ended));
    CHECK(desk.operations->wait_idle(std::chrono::steady_clock::now()));
}

TEST_CASE("operations on one object take turns, and one that waits says behind which") {
    Desk desk;
    desk.cluster->hold("a");
    const Asked first = desk.create({"a", "b"});
    desk.cluster->wait_for("a");
    const Asked second = desk.ask(Verb::replace, things({"a"}));
    const Asked third = desk.ask(Verb::remove, things({"b", "a"}));
    const Asked other = desk.create({"c"});
    CHECK(statuses(other.report.get()) == "Created");
    CHECK(desk.record(second.id()).state == State::queued);
    CHECK(desk.operations->queue_of(second.id())->position == 1);
    CHECK(desk.operations->queue_of(second.id())->behind == first.id());
    CHECK(desk.operations->queue_of(third.id())->position == 2);
    CHECK(desk.operations->queue_of(third.id())->behind == second.id());
    CHECK_FALSE(desk.operations->queue_of(first.id()));
    CHECK(desk.operations->counts().at("prod").running == 1);
    CHECK(desk.operations->counts().at("prod").queued == 2);
    CHECK(desk.cluster->calls().size() <= 3);
    desk.cluster->let_go("a");
    CHECK(statuses(third.report.get()) == "Deleted Deleted");
    CHECK(statuses(second.report.get()) == "Replaced");
    std::vector<std::string> of_a;
    for (const drivers::Call &call : desk.cluster->calls())
        if (call.name == "a") of_a.emplace_back(to_string(call.verb));
    CHECK(of_a == std::vector<std::string>{"create", "replace", "delete"});
    CHECK_FALSE(desk.operations->queue_of(third.id()));
}

TEST_CASE("as many wait for objects of a target as may, and one more is refused before anything is recorded") {
    Desk desk;
    desk.limits.queue = 2;
    desk.cluster->hold("a");
    const Asked first = desk.create({"a"});
    const Asked second = desk.ask(Verb::replace, things({"a"}));
    const Asked third = desk.ask(Verb::replace, things({"a"}));
    REQUIRE_FALSE(third.accepted.get().has_value());
    CHECK(third.accepted.get().error().code == Code::unavailable);
    CHECK(desk.store->count().value() == 2);
    desk.cluster->let_go("a");
    CHECK(statuses(second.report.get()) == "Replaced");
}

TEST_CASE("what was accepted has its place, however long it waits, and a drain does not take it away") {
    Desk desk;
    desk.limits.queue = 3;
    desk.cluster->hold("a");
    const Asked first = desk.create({"a"});
    desk.cluster->wait_for("a");
    const Asked second = desk.ask(Verb::replace, things({"a"})), third = desk.ask(Verb::remove, things({"a"}));
    const Asked fourth = desk.create({"other"}); // one more than the queue takes
    REQUIRE_FALSE(fourth.accepted.get().has_value());
    CHECK_THAT(fourth.accepted.get().error().message, ContainsSubstring("3 requests under way"));
    CHECK(desk.store->count().value() == 3);
    CHECK(desk.lines.with("resources refused: ").size() == 1);
    desk.target()->drain("an operator has drained it");
    CHECK_FALSE(desk.create({"other"}).accepted.get().has_value());
    desk.cluster->let_go("a");
    CHECK(statuses(second.report.get()) == "Replaced");
    CHECK(statuses(third.report.get()) == "Deleted");
    desk.target()->drain(std::nullopt);
    CHECK(statuses(desk.create({"other"}).report.get()) == "Created");
    CHECK(desk.target()->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1))); // no place is left taken
}

TEST_CASE("a cancelled operation begins nothing more, and one that waits begins not at all") {
    Desk desk;
    desk.cluster->hold("a");
    const Asked first = desk.create({"a", "b<a"});
    desk.cluster->wait_for("a");
    const Asked waits = desk.ask(Verb::replace, things({"a"}));
    REQUIRE(desk.cancel(waits.id()).has_value());
    CHECK(waits.report.get().error().code == Code::cancelled);
    CHECK(desk.record(waits.id()).state == State::cancelled);
    CHECK(statuses(desk.record(waits.id())) == "Aborted");
    CHECK(desk.lines.with("1 resources refused: the operation was cancelled before it began").size() == 1);
    REQUIRE(desk.cancel(first.id()).has_value()); // the call obeys
    CHECK(statuses(first.report.get()).ends_with("Aborted"));
    CHECK(desk.record(first.id()).state == State::cancelled);
    CHECK(desk.cluster->begun() == std::vector<std::string>{"a"});
    CHECK(desk.cancel(first.id()).error().code == Code::conflict);
    CHECK(desk.cancel("01M8QEZ95T2Y00ZK8MWZMB4MT1").error().code == Code::not_found);
}

TEST_CASE("a key is one operation, for its caller and its request, but free again where nothing was begun") {
    Desk desk;
    desk.cluster->hold("a");
    const Asked first = desk.ask(Verb::create, things({"a"}), "k", "one");
    const Asked same = desk.ask(Verb::create, things({"a"}), "k", "one");
    const Asked other = desk.ask(Verb::create, things({"z"}), "k", "two");
    CHECK(first.accepted.get()->how == Accepted::How::fresh);
    CHECK(same.accepted.get()->how == Accepted::How::known);
    CHECK(same.id() == first.id());
    CHECK(other.accepted.get()->how == Accepted::How::mismatch);
    CHECK(other.id() == first.id());
    std::promise<store::Operation> told;
    desk.operations->wait(same.id(), Timers::Clock::time_point::max(), [&](auto found) { told.set_value(*found.value()); });
    desk.cluster->let_go("a");
    CHECK(statuses(told.get_future().get()) == "Created");
    CHECK(desk.ask(Verb::create, things({"a"}), "k", "one").accepted.get()->how == Accepted::How::known);
    CHECK(desk.cluster->begun() == std::vector<std::string>{"a"});

    parse::Configuration cycle = things({"x<y", "y<x"});
    CHECK_FALSE(desk.ask(Verb::create, cycle, "k2", "cycle").report.get().has_value());
    CHECK(desk.ask(Verb::create, things({"x"}), "k2", "better").accepted.get()->how == Accepted::How::fresh);
}

TEST_CASE("what a driver says of a call reaches those who listen, until the operation has ended") {
    Desk desk;
    desk.cluster->hold("a");
    const Asked asked = desk.create({"x", "a"});
    desk.cluster->wait_for("a");
    const auto say = desk.cluster->call_of("a").progress;
    say("half of it");
    const auto running = desk.operations->running(asked.id());
    const Changes changes = running->changes_since(running->last_change() - 1, 10);
    REQUIRE(changes.steps.size() == 1);
    CHECK(changes.steps[0].index == 1);
    CHECK(changes.steps[0].said == "half of it");
    desk.cluster->let_go("a");
    asked.report.wait();
    say("too late");
    for (const auto &change : running->changes_since(0, 10).steps) CHECK(change.said.empty());
}

TEST_CASE("a wait ends with the operation, or at its time with what is known then") {
    Desk desk;
    desk.cluster->hold("a");
    const Asked asked = desk.create({"a"});
    desk.cluster->wait_for("a");
    const auto wait = [&](Timers::Clock::time_point until) {
        auto told = std::make_shared<std::promise<std::optional<store::Operation>>>();
        desk.operations->wait(asked.id(), until, [told](auto found) { told->set_value(std::move(found.value())); });
        return told->get_future();
    };
    CHECK(wait(Timers::Clock::now()).get()->state == State::running);
    auto end = wait(Timers::Clock::now() + std::chrono::hours(1));
    desk.cluster->let_go("a");
    CHECK(end.get()->state == State::succeeded);
    CHECK(wait(Timers::Clock::now()).get()->state == State::succeeded); // it is in the store alone by now
}

TEST_CASE("that somebody asked for the end of an operation is recorded before he is told so") {
    Desk desk;
    desk.cluster->hold("a");
    const Asked asked = desk.create({"a"});
    desk.cluster->wait_for("a");
    CHECK_FALSE(desk.store->find(asked.id()).value()->is_cancelled);
    CHECK(desk.cancel(asked.id()).has_value());
    CHECK(desk.store->find(asked.id()).value()->is_cancelled);
    asked.report.wait();
}

TEST_CASE("the store knows that an operation waits, and that it begins before it does") {
    Desk desk;
    desk.cluster->hold("a");
    const Asked first = desk.create({"a"}), second = desk.ask(Verb::replace, things({"a", "b"}));
    desk.cluster->wait_for("a");
    desk.cluster->hold("b");
    CHECK(desk.store->find(first.id()).value()->state == State::running);
    CHECK(desk.store->find(second.id()).value()->state == State::queued);
    desk.cluster->let_go("a");
    desk.cluster->wait_for("b");
    CHECK(desk.store->find(second.id()).value()->state == State::running);
    desk.cluster->let_go("b");
    CHECK(statuses(second.report.get()) == "Replaced Replaced");
}

TEST_CASE("a request that was accepted under its key is known again while others are refused") {
    Desk desk;
    CHECK(statuses(desk.ask(Verb::create, things({"a"}), "k", "one").report.get()) == "Created");
    desk.target()->drain("an operator has drained it");
    const auto again = desk.ask(Verb::create, things({"a"}), "k", "one").accepted.get();
    REQUIRE(again.has_value());
    CHECK(again->how == Accepted::How::known);
    CHECK(again->configuration.resources.size() == 1);
    CHECK(desk.ask(Verb::create, things({"b"}), "k", "two").accepted.get()->how == Accepted::How::mismatch);
    CHECK_FALSE(desk.ask(Verb::create, things({"b"}), "k2", "two").accepted.get().has_value());
}

TEST_CASE("operations of a target that hangs leave half of the memory to others") {
    Desk desk;
    desk.cluster->hold("a");
    const auto memory = std::make_shared<rsf::base::Budget>();
    const auto ask = [&](const std::string &target, const std::string &name, std::size_t bytes) {
        std::promise<std::string> said;
        Wanted wanted;
        wanted.target = target == "prod" ? desk.target() : desk.other();
        wanted.operation.verb = Verb::create;
        wanted.operation.configuration = things({name});
        wanted.operation.memory = std::make_shared<rsf::base::Share>(memory, 1000, bytes);
        desk.operations->begin(
            std::move(wanted), [&](auto accepted) { said.set_value(accepted ? "taken" : accepted.error().message); },
            [](const run::Report &) {});
        return said.get_future().get();
    };
    CHECK(ask("prod", "a", 700) == "taken"); // alone it may be as large as a request may be
    CHECK(ask("prod", "b", 10) == "the operations under way on target 'prod' take half of the memory that all requests may take");
    CHECK(ask("stage", "a", 200) == "taken");
    CHECK(ask("stage", "c", 400).starts_with("the operations under way on target 'stage' take half"));
    CHECK(ask("stage", "c", 300) == "taken");
    desk.cluster->let_go("a");
    CHECK(desk.operations->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    CHECK(ask("prod", "b", 10) == "taken");
    CHECK(desk.operations->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
}

TEST_CASE("lists by state have each operation in the state that it is in now, page by page") {
    Desk desk;
    desk.cluster->hold("a");
    std::vector<std::string> ids{desk.create({"a"}).id()};
    for (int i = 0; i < 5; ++i) ids.push_back(desk.ask(Verb::replace, things({"a"})).id());
    ids.push_back(desk.create({"b"}).id());
    while (desk.record(ids.back()).state != State::succeeded) std::this_thread::yield();
    desk.cluster->wait_for("a");
    const auto list = [&](State state, std::size_t limit, const std::string &after = "") {
        store::Filter filter;
        filter.state = state;
        return desk.operations->list(filter, limit, after).value();
    };
    const auto count = [&](State state) { return list(state, 10).operations.size(); };
    CHECK(count(State::running) == 1);
    CHECK(count(State::queued) == 5);
    CHECK(count(State::succeeded) == 1);
    std::vector<std::string> found;
    for (store::Page page = list(State::queued, 2);; page = list(State::queued, 2, found.back())) {
        for (const auto &each : page.operations) found.push_back(each.id);
        if (!page.has_more) break;
    }
    CHECK(std::is_permutation(found.begin(), found.end(), ids.begin() + 1, ids.end() - 1));
    // The store does not know of ends that it could not take.
    desk.store->fails = desk.store->is_unhealthy = true;
    desk.cluster->let_go("a");
    while (desk.record(ids.front()).state != State::succeeded) std::this_thread::yield();
    CHECK(count(State::running) == 0);
    CHECK(count(State::succeeded) == 2);
    CHECK(list(State::succeeded, 1).has_more);
    desk.store->fails = desk.store->is_unhealthy = false;
    CHECK(desk.operations->wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    CHECK(count(State::succeeded) == ids.size());
}

TEST_CASE("what lists say of an operation under way is how it is now") {
    Desk desk;
    desk.cluster->hold("a");
    const Asked first = desk.create({"a"});
    const Asked second = desk.ask(Verb::replace, things({"a"}));
    desk.cluster->wait_for("a");
    auto page = desk.operations->list({}, 10, "").value();
    REQUIRE(page.operations.size() == 2);
    CHECK(page.operations[0].id == second.id());
    CHECK(page.operations[0].state == State::queued);
    CHECK(page.operations[1].state == State::running);
    desk.cluster->let_go("a");
    second.report.wait();
    page = desk.operations->list({}, 1, "").value();
    CHECK(page.operations[0].state == State::succeeded);
    CHECK(page.has_more);
}

TEST_CASE("what is too much of the history is forgotten by itself") {
    Desk desk;
    desk.operations->keep({std::chrono::hours(1), 3});
    for (int i = 0; i < 20; ++i) desk.create({"a"}).report.wait();
    desk.operations->keep({std::chrono::hours(1), 3});
    while (desk.store->count().value() > 3) std::this_thread::yield(); // within five seconds
    CHECK(desk.store->count().value() == 3);
}
