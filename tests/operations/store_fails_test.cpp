// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "operations/desk.hpp"

#include <thread>

using namespace rsf::operations::test;

TEST_CASE("while the store fails nothing is begun, and the client is told to try again") {
    Desk desk;
    desk.store->fails = true;
    const Asked asked = desk.create({"a"});
    REQUIRE_FALSE(asked.accepted.get().has_value());
    const drivers::Failure failure = asked.accepted.get().error();
    CHECK(failure.code == Code::unavailable);
    CHECK(failure.retry == drivers::Failure::Retry::later);
    CHECK(failure.message == "the operation can't be recorded, and nothing was done: the store has no room left on its disk");
    CHECK(desk.cluster->calls().empty());
    desk.store->is_unhealthy = true; // then it is not even tried
    CHECK_FALSE(desk.create({"a"}).accepted.get().has_value());
    CHECK(desk.operations->wait_idle(std::chrono::steady_clock::now()));
    desk.store->fails = desk.store->is_unhealthy = false;
    CHECK(statuses(desk.create({"a"}).report.get()) == "Created");
}

TEST_CASE("what runs while the store fails goes on, and its end is stored when the store works again") {
    Desk desk;
    desk.cluster->hold("a");
    const Asked asked = desk.create({"a", "b<a"});
    desk.cluster->wait_for("a");
    const Asked waits = desk.ask(drivers::Verb::replace, things({"a"}));
    desk.store->fails = desk.store->is_unhealthy = true;
    desk.cluster->let_go("a");
    CHECK(statuses(asked.report.get()) == "Created Created");
    CHECK(desk.store->find(asked.id()).value()->state == State::running);
    CHECK(desk.record(asked.id()).state == State::succeeded); // what is known here counts
    CHECK(desk.operations->list({}, 10, "").value().operations.back().state == State::succeeded);
    CHECK(desk.cancel(asked.id()).error().code == Code::conflict);
    CHECK_FALSE(desk.operations->wait_idle(std::chrono::steady_clock::now())); // a daemon that goes down waits for this
    desk.store->fails = desk.store->is_unhealthy = false;
    CHECK(statuses(waits.report.get()) == "Replaced"); // it had not begun: the store must know of that first
    while (!is_final(desk.store->find(asked.id()).value()->state) || !is_final(desk.store->find(waits.id()).value()->state))
        std::this_thread::yield();
    CHECK(statuses(*desk.store->find(asked.id()).value()) == "Created Created");
    CHECK(desk.store->unfinished().value().empty());
}
