// SPDX-License-Identifier: Apache-2.0
//
// What a target takes, and how it comes to rest.
#include "targets/target.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

using namespace rsf::run::test;

namespace {

std::chrono::steady_clock::time_point now() { return std::chrono::steady_clock::now(); }

} // namespace

TEST_CASE("a full target refuses, says when to come again, and takes work again when there is room") {
    Bench bench({.concurrency = 1, .queue = 2});
    bench.cluster->hold("a");
    auto first = bench.write(Verb::create, plain({"a", "b", "c"}));
    bench.cluster->wait_for("a"); // or the read could come before it, and make room
    auto second = bench.read("r");
    const Report refused = bench.write(Verb::create, plain({"x"})).get();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::unavailable);
    CHECK_THAT(refused.error().message, ContainsSubstring("2 requests under way"));
    CHECK(refused.error().retry_after.count() > 0);
    const Answer turned_away = bench.read("y").get();
    CHECK(turned_away.error().code == Code::unavailable);
    CHECK(turned_away.error().retry_after.count() > 0);
    CHECK(turned_away.error().retry == Failure::Retry::later);
    bench.cluster->let_go("a");
    CHECK(first.get().has_value());
    CHECK(second.get().has_value());
    CHECK(bench.read("again").get().has_value());
}

TEST_CASE("a closed target finishes what it has and refuses what is new") {
    Bench bench;
    bench.cluster->hold("a");
    auto running = bench.write(Verb::create, resources({{"a", R"({"v": 1})"}, {"b", R"~({"x": "$(ref.a.v)"})~"}}));
    bench.cluster->wait_for("a");
    bench.target().close();
    CHECK(bench.read("x").get().error().message == "the daemon is shutting down");
    CHECK(bench.write(Verb::create, plain({"x"})).get().error().code == Code::unavailable);
    CHECK_FALSE(bench.target().health().ok);
    CHECK_FALSE(bench.target().wait_idle(now()));
    bench.cluster->let_go("a");
    CHECK(statuses(running.get()) == "Created Created");
    CHECK(bench.target().wait_idle(for_ever));
}

TEST_CASE("a drained target refuses new writes and says why, and does all else; then it takes them again") {
    Bench bench;
    bench.cluster->hold("a");
    auto running = bench.write(Verb::create, resources({{"a", R"({"v": 1})"}, {"b", R"~({"x": "$(ref.a.v)"})~"}}));
    bench.cluster->wait_for("a");
    bench.target().drain("it is drained");
    const Report refused = bench.write(Verb::create, plain({"x"})).get();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::unavailable);
    CHECK(refused.error().retry == Failure::Retry::later);
    CHECK(refused.error().retry_after.count() > 0);
    CHECK_THAT(refused.error().message, StartsWith("it is drained"));
    CHECK(bench.read("r").get().has_value());
    bench.cluster->let_go("a");
    CHECK(statuses(running.get()) == "Created Created");
    CHECK_FALSE(bench.target().health().ok);
    CHECK(bench.target().health().reason == "it is drained");
    for (const std::string &name : bench.cluster->begun()) CHECK(name != "x");
    bench.target().drain(std::nullopt);
    CHECK(bench.target().health().ok);
    CHECK(statuses(bench.write(Verb::create, plain({"x"})).get()) == "Created");
}

TEST_CASE("cancel stops what runs and aborts what waits") {
    Bench bench({.concurrency = 2});
    bench.cluster->hold("a");
    bench.cluster->hold("b");
    auto first = bench.write(Verb::create, resources({{"a", "{}"}, {"b", "{}"}, {"c", "{}"}, {"d", R"~({"x": "$(ref.c.v)"})~"}}));
    bench.cluster->wait_for_running(2);
    auto queued = bench.write(Verb::create, plain({"e"}));
    auto several = bench.write(Verb::create, resources({{"f", "{}"}, {"g", R"~({"x": "$(ref.f.v)"})~"}}));
    auto read = bench.read("r");
    bench.target().cancel();
    const Report report = first.get();
    CHECK(statuses(report) == "Failed Failed Aborted Aborted");
    CHECK(first_error(report, 0) == "Thing here/a: it was stopped");
    CHECK_THAT(first_error(report, 2), ContainsSubstring(": aborted: the daemon is shutting down"));
    CHECK_THAT(first_error(report, 3), ContainsSubstring(": aborted: the daemon is shutting down"));
    for (const Report &unbegun : {queued.get(), several.get()}) {
        REQUIRE_FALSE(unbegun.has_value());
        CHECK(unbegun.error().code == Code::unavailable);
        CHECK(unbegun.error().message == "the daemon is shutting down");
    }
    CHECK(read.get().error().code == Code::unavailable);
    CHECK(bench.target().wait_idle(for_ever));
    CHECK(bench.cluster->begun().size() == 2);
}

TEST_CASE("calls that are queued when cancel comes end as aborted, not failed") {
    Bench bench({.concurrency = 2});
    bench.cluster->hold("a");
    bench.cluster->hold("b");
    auto first = bench.write(Verb::create, plain({"a", "x1"}));
    bench.cluster->wait_for("a");
    auto second = bench.write(Verb::create, plain({"b", "c", "d"}));
    bench.cluster->wait_for("b");
    bench.target().cancel();
    CHECK(statuses(first.get()) == "Failed Created");
    CHECK(statuses(second.get()) == "Failed Aborted Aborted");
}

TEST_CASE("a target that is destroyed tells every end first") {
    const std::size_t alive = fake_drivers_alive();
    std::future<Report> report;
    std::future<Answer> read;
    {
        Bench bench({.concurrency = 1});
        bench.cluster->hold("a");
        report = bench.write(Verb::create, plain({"a", "b"}));
        bench.cluster->wait_for("a");
        read = bench.read("r");
    }
    CHECK(statuses(report.get()) == "Failed Aborted");
    CHECK(read.get().error().code == Code::unavailable);
    CHECK(fake_drivers_alive() == alive);
}

TEST_CASE("a completion may start the next operation") {
    Bench bench({.concurrency = 1, .queue = 1});
    std::promise<Report> second;
    bench.runner.write(bench.target(), {Verb::create, plain({"a"}), "", "r1"}, [&](Report) {
        bench.runner.write(bench.target(), {Verb::create, plain({"b"}), "", "r2"},
                           [&](Report report) { second.set_value(std::move(report)); });
    });
    CHECK(statuses(second.get_future().get()) == "Created");
}
