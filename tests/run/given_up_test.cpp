// SPDX-License-Identifier: Apache-2.0
//
// Calls that do not come back.
#include "targets/target.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

using namespace rsf::run::test;
using namespace std::chrono_literals;

namespace {

// Long enough that no call of a busy machine is given up by mistake, short enough to wait for.
TargetLimits impatient(std::size_t concurrency) {
    return {.concurrency = concurrency, .timeout = 3000ms, .abandon_after = 500ms};
}

} // namespace

TEST_CASE("a call that hangs is given up, and the target works on with another thread") {
    Bench bench(impatient(2));
    bench.cluster->hold("hung", false);
    auto report = bench.write(Verb::create, resources({{"hung", "{}"}, {"free", "{}"}, {"late", R"~({"x": "$(ref.hung.v)"})~"}}));
    const Report first = report.get();
    CHECK(statuses(first) == "Failed Created Aborted");
    CHECK(first_error(first, 0) ==
          "Thing here/hung: driver 'fake' of target 'prod' did not return from create of 'hung' within 3 s and was given up "
          "500 ms later; whether it took effect is not known");
    Health health = bench.target().health();
    CHECK(health.ok);
    CHECK(health.lost == 1);
    CHECK(health.running == 0);
    CHECK(bench.target().wait_idle(for_ever));

    bench.cluster->hold("p");
    bench.cluster->hold("q");
    auto both = bench.write(Verb::create, plain({"p", "q"}));
    bench.cluster->wait_for_running(3); // the hung one, and as many as ever
    bench.cluster->let_go("p");
    bench.cluster->let_go("q");
    CHECK(statuses(both.get()) == "Created Created");

    bench.cluster->let_go("hung");
    bench.lines.wait_for("returned from a call that had been given up");
    CHECK(bench.target().health().lost == 0);
    CHECK(statuses(bench.write(Verb::create, plain({"a", "b", "c"})).get()) == "Created Created Created");
}

TEST_CASE("when as many calls are lost as may run, the target refuses work until one returns") {
    Bench bench(impatient(2));
    for (const std::string name : {"h1", "h2"}) bench.cluster->hold(name, false);
    auto stuck = bench.write(Verb::create, plain({"h1", "h2", "waiting"}));
    bench.cluster->wait_for_running(2);
    const Report report = stuck.get();
    CHECK(report->resources[0].state->status == Status::failed);
    CHECK(report->resources[1].state->status == Status::failed);

    const Health health = bench.target().health();
    CHECK_FALSE(health.ok);
    CHECK(health.lost == 2);
    CHECK(health.reason ==
          "driver 'fake' of target 'prod' takes no calls: 2 of them never returned; it is used again when one does");
    const Answer refused = bench.read("x").get();
    CHECK(refused.error().code == Code::unavailable);
    CHECK(refused.error().message == health.reason);
    CHECK(bench.write(Verb::create, plain({"x"})).get().error().code == Code::unavailable);

    bench.cluster->let_go("h1");
    bench.lines.wait_for("1 still lost");
    CHECK(bench.target().health().ok);
    CHECK(bench.read("x").get().has_value());
    bench.cluster->let_go("h2");
    bench.lines.wait_for("0 still lost");
    CHECK(statuses(bench.write(Verb::create, plain({"a", "b", "c"})).get()) == "Created Created Created");
}

TEST_CASE("a driver that is not concurrent is wedged by its first lost call, and what waits is told so") {
    Bench bench(impatient(8));
    bench.cluster->concurrent = false;
    bench.cluster->hold("hung", false);
    auto operation = bench.write(Verb::create, plain({"hung", "next", "last"}));
    bench.cluster->wait_for("hung");
    auto read = bench.read("waiting");
    auto other = bench.write(Verb::create, plain({"x"}));
    const Report report = operation.get();
    CHECK(statuses(report) == "Failed Aborted Aborted");
    CHECK_THAT(first_error(report, 1),
               ContainsSubstring("aborted: driver 'fake' of target 'prod' takes no calls: one of them never "
                                 "returned"));
    CHECK(read.get().error().code == Code::unavailable);
    CHECK(other.get().error().code == Code::unavailable);
    CHECK_FALSE(bench.target().health().ok);

    bench.cluster->let_go("hung");
    bench.lines.wait_for("0 still lost");
    CHECK(bench.target().health().ok);
    CHECK(statuses(bench.write(Verb::create, plain({"a", "b"})).get()) == "Created Created");
    CHECK(bench.cluster->most_at_once() == 1);
}

TEST_CASE("a read that hangs is given up") {
    Bench bench(impatient(2));
    bench.cluster->hold("hung", false);
    const Answer answer = bench.read("hung").get();
    CHECK(answer.error().code == Code::timeout);
    CHECK_THAT(answer.error().message, ContainsSubstring("did not return from get of 'cm/hung'"));
    bench.cluster->let_go("hung");
    bench.lines.wait_for("0 still lost");
}

TEST_CASE("an order that hangs is given up, and the operation refused") {
    Bench bench(impatient(1));
    std::promise<void> go;
    bench.cluster->order = [&](auto, const auto &) -> Result<std::vector<Before>> {
        go.get_future().wait();
        return std::vector<Before>{};
    };
    const Report report = bench.write(Verb::create, plain({"a", "b"})).get();
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().code == Code::timeout);
    go.set_value();
    bench.lines.wait_for("0 still lost");
    CHECK(bench.cluster->begun().empty());
}

TEST_CASE("cancel gives up calls that ignore it, long before their deadline") {
    Bench bench({.concurrency = 1, .timeout = 1h, .abandon_after = 100ms});
    bench.cluster->hold("deaf", false);
    auto report = bench.write(Verb::create, plain({"deaf", "next"}));
    bench.cluster->wait_for("deaf");
    bench.target().cancel();
    CHECK(statuses(report.get()) == "Failed Aborted");
    bench.cluster->let_go("deaf");
    bench.lines.wait_for("0 still lost");
}

TEST_CASE("a call that is stuck for ever stays behind with its driver when the target is destroyed") {
    const auto cluster = std::make_shared<FakeCluster>();
    std::future<Report> report;
    const std::size_t alive = fake_drivers_alive();
    {
        Bench bench({.concurrency = 2, .timeout = 1h, .abandon_after = 50ms});
        bench.cluster = cluster;
        cluster->hold("stuck", false);
        report = bench.write(Verb::create, plain({"stuck", "fine"}));
        cluster->wait_for("stuck");
    }
    CHECK(report.get()->resources[0].state->status == Status::failed);
    CHECK(fake_drivers_alive() == alive + 1);
    cluster->let_go("stuck"); // the thread finds nothing left to do
    cluster->wait_for_running(0);
}
