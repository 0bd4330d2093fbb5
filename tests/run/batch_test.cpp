// SPDX-License-Identifier: Apache-2.0
//
// Operations on a driver that takes several calls as one.
#include "targets/target.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

using namespace rsf::run::test;
using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;

struct BatchBench : Bench {
    explicit BatchBench(std::size_t limit, TargetLimits of = {}) : Bench(of) { cluster->batch_limit = limit; }
};

// A resource that refers to another one.
std::pair<std::string, std::string> after(const std::string &name, const std::string &other) {
    return {name, R"~({"v": "$(ref.)~" + other + R"~(.v)"})~"};
}

} // namespace

TEST_CASE("what is ready at the same moment goes as one, up to the driver's limit") {
    BatchBench bench(2);
    bench.cluster->concurrent = false;
    CHECK(statuses(bench.write(Verb::create, plain({"a", "b", "c", "d", "e"})).get()) ==
          "Created Created Created Created Created");
    CHECK(bench.cluster->batches() == Names{"a b", "c d", "e"});
}

TEST_CASE("a batch is one of the calls that a target makes at once") {
    BatchBench bench(2, {.concurrency = 2});
    for (const char *name : {"a", "c"}) bench.cluster->hold(name);
    auto report = bench.write(Verb::create, plain({"a", "b", "c", "d", "e"}));
    bench.cluster->wait_for("a");
    bench.cluster->wait_for("c");
    CHECK(bench.cluster->batches().size() == 2);
    CHECK(bench.target().health().running == 2);
    for (const char *name : {"a", "c"}) bench.cluster->let_go(name);
    CHECK(report.get()->resources.size() == 5);
    CHECK(bench.cluster->batches().size() == 3);
}

TEST_CASE("a chain flows one by one, and what becomes ready by one end goes together") {
    BatchBench chain(100);
    CHECK(statuses(chain.write(Verb::create, resources({after("c", "b"), after("b", "a"), {"a", R"({"v": 1})"}})).get()) ==
          "Created Created Created");
    CHECK(chain.cluster->batches() == Names{"a", "b", "c"});

    const Configuration fan = resources({{"a", R"({"v": 1})"}, after("b", "a"), after("c", "a")});
    BatchBench bench(100);
    bench.write(Verb::create, fan).get();
    bench.write(Verb::remove, fan).get();
    CHECK(bench.cluster->batches() == Names{"a", "b c", "b c", "a"});
}

TEST_CASE("each call of a batch ends with its own answer, and only what depends on a failure is aborted") {
    BatchBench bench(100);
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "bad") return failure("no room for it", Code::unavailable);
        return Success{boost::json::parse(call.object), 0, "/fake/" + call.name};
    });
    const Configuration posted =
        resources({{"good", R"({"v": 1})"}, {"bad", R"({"v": 1})"}, after("needs", "bad"), after("free", "good")});
    const Report report = bench.write(Verb::create, posted).get();
    CHECK(statuses(report) == "Created Failed Aborted Created");
    CHECK(first_error(report, 1) == "Thing here/bad: no room for it");
    CHECK(report->resources[0].state->selflink == "/fake/good");
    CHECK(bench.cluster->batches() == Names{"good bad", "free"});
    CHECK(bench.cluster->call_of("free").object == R"({"v":1})");
}

TEST_CASE("a batch that hangs is given up as a whole, and each of its resources says so") {
    BatchBench bench(2, {.concurrency = 2, .timeout = 3000ms, .abandon_after = 500ms});
    bench.cluster->hold("b", false);
    const Report report = bench.write(Verb::create, plain({"a", "b", "c"})).get();
    CHECK(statuses(report) == "Failed Failed Created");
    for (const std::size_t i : {0u, 1u})
        CHECK(first_error(report, i) ==
              "Thing here/" + report->resources[i].name +
                  ": driver 'fake' of target 'prod' did not return from create of 'a' and 1 other within 3 s and was given up "
                  "500 ms later; whether it took effect is not known");
    bench.cluster->let_go("b");
    bench.lines.wait_for("returned from a call that had been given up");
}

TEST_CASE("a target that is cancelled stops the batch under way and begins no other") {
    BatchBench bench(2, {.concurrency = 1});
    bench.cluster->hold("a");
    auto report = bench.write(Verb::create, plain({"a", "b", "c", "d"}));
    bench.cluster->wait_for("a");
    bench.target().cancel();
    CHECK(statuses(report.get()) == "Failed Created Aborted Aborted");
    CHECK(bench.cluster->batches() == Names{"a b"});
}

TEST_CASE("a read is a call of its own") {
    BatchBench bench(100);
    CHECK(bench.read("a").get().has_value());
    CHECK(bench.cluster->batches().empty());
}
