// SPDX-License-Identifier: Apache-2.0
#include "run/observers/metrics_observer.hpp"

#include "metrics/metrics.hpp"
#include "run/bench.hpp"
#include "support/catch.hpp"
#include "support/samples.hpp"

#include <resourcifier/answer.h>

using namespace rsf::run::test;
using rsf::test::sample;

namespace {

struct Counted : Bench {
    explicit Counted(TargetLimits of = {}) : Bench(of) { counted = metrics.target("prod"); }

    double operations(const std::string &verb, const std::string &result) {
        return value("resourcifier_operations_total{result=\"" + result + "\",target=\"prod\",verb=\"" + verb + "\"}");
    }
    double resources_that(const std::string &verb, const std::string &result) {
        return value("resourcifier_resources_total{result=\"" + result + "\",target=\"prod\",verb=\"" + verb + "\"}");
    }
    double timed(const std::string &verb) {
        return value("resourcifier_operation_duration_seconds_count{target=\"prod\",verb=\"" + verb + "\"}");
    }
    double value(const std::string &series) { return sample(metrics.text(), series).value(); }

    Answer get(const std::string &name, std::stop_token stop = {}) {
        std::promise<Answer> promise;
        Call call;
        call.verb = Verb::get;
        call.name = name;
        runner.read(target(), std::move(call), {}, std::move(stop), [&](Answer answer) { promise.set_value(std::move(answer)); });
        return promise.get_future().get();
    }

    Metrics metrics;
};

} // namespace

TEST_CASE("a write counts as done, partly done or failed, and its resources by how they ended") {
    Counted bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name.starts_with("bad")) return failure("no");
        return Success{boost::json::parse(call.object.empty() ? "{}" : call.object),
                       call.name == "same" ? std::uint32_t{RSF_OUTCOME_UNCHANGED} : std::uint32_t{RSF_OUTCOME_DONE},
                       {}};
    });
    bench.write(Verb::create, plain({"a", "b"})).get();
    CHECK(bench.operations("create", "done") == 1);
    CHECK(bench.resources_that("create", "created") == 2);

    bench.write(Verb::replace, resources({{"a", "{}"}, {"bad", "{}"}, {"c", R"~({"x": "$(ref.bad.y)"})~"}})).get();
    CHECK(bench.operations("replace", "partly") == 1);
    CHECK(bench.resources_that("replace", "replaced") == 1);
    CHECK(bench.resources_that("replace", "failed") == 1);
    CHECK(bench.resources_that("replace", "aborted") == 1);

    bench.write(Verb::remove, plain({"bad1", "bad2"})).get();
    CHECK(bench.operations("delete", "failed") == 1);
    CHECK(bench.operations("delete", "partly") == 0);
    CHECK(bench.resources_that("delete", "failed") == 2);
    bench.write(Verb::remove, plain({"a"})).get();
    CHECK(bench.resources_that("delete", "deleted") == 1);

    bench.write(Verb::apply, plain({"same"})).get();
    CHECK(bench.resources_that("apply", "unchanged") == 1);
    for (const char *verb : {"create", "replace", "apply"}) CHECK(bench.timed(verb) == 1);
    CHECK(bench.timed("delete") == 2);
}

TEST_CASE("a write of which nothing is tried counts as refused, and its time does not") {
    Counted bench;
    SECTION("since its references don't work out") {
        bench.write(Verb::create, resources({{"a", R"~({"x": "$(ref.nobody.y)"})~"}})).get();
    }
    SECTION("since the target takes nothing any more") {
        bench.target().close();
        bench.write(Verb::create, plain({"a"})).get();
    }
    SECTION("before its body came") {
        CHECK_FALSE(bench.runner.refuse(bench.target(), Verb::create, "r1", {}));
        bench.target().close();
        CHECK(bench.runner.refuse(bench.target(), Verb::create, "r1", {}));
    }
    SECTION("since its driver does not do it") {
        bench.cluster->capabilities = 2;
        bench.write(Verb::create, plain({"a"})).get();
    }
    CHECK(bench.operations("create", "refused") == 1);
    CHECK(bench.operations("create", "failed") == 0);
    CHECK(bench.timed("create") == 0);
}

TEST_CASE("a write whose order the driver can't tell counts as failed") {
    Counted bench;
    bench.cluster->order = [](std::string_view, const std::vector<Orderable> &) -> Result<std::vector<Before>> {
        return Error{Code::internal, "no order", {}, {}};
    };
    bench.write(Verb::create, plain({"a", "b"})).get();
    CHECK(bench.operations("create", "failed") == 1);
    CHECK(bench.operations("create", "refused") == 0);
    CHECK(bench.timed("create") == 1);
}

TEST_CASE("the time of a plan whose client left before its first call counts") {
    Counted bench;
    const Caller caller;
    const Error left{Code::cancelled, "the client left", {}, {}};
    MetricsObserver().ended({bench.target(), Verb::apply, true, "", "r1", caller, 2}, {.refusal = &left});
    CHECK(bench.operations("apply", "cancelled") == 1);
    CHECK(bench.timed("apply") == 1);
}

TEST_CASE("a read counts by how it ended") {
    Counted bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "gone") return failure("it is not there", Code::not_found);
        if (call.name == "bad") return failure("no", Code::unavailable);
        return Success{};
    });
    bench.get("a");
    bench.get("gone");
    bench.get("bad");
    CHECK(bench.operations("get", "done") == 1);
    CHECK(bench.operations("get", "absent") == 1);
    CHECK(bench.operations("get", "failed") == 1);
    CHECK(bench.timed("get") == 3);

    std::stop_source gone;
    gone.request_stop();
    bench.get("a", gone.get_token());
    CHECK(bench.operations("get", "cancelled") == 1);

    bench.target().close();
    bench.get("a");
    CHECK(bench.operations("get", "refused") == 1);
    CHECK(bench.timed("get") == 4);
}

TEST_CASE("what other targets ask does not count as an operation") {
    Counted bench;
    bench.read("a").get();
    CHECK(bench.operations("get", "done") == 0);
}

TEST_CASE("a plan counts as planned, by the verb that it plans") {
    Counted bench;
    std::vector<PlannedStep> steps(3);
    steps[0].step.emplace();
    steps[1].step.emplace();
    const Caller caller;
    const auto plan_ended = [&](const std::vector<PlannedStep> &planned, bool client_gone) {
        MetricsObserver().ended({bench.target(), Verb::apply, true, "", "r1", caller, planned.size()},
                                {.steps = planned, .client_gone = client_gone});
    };
    plan_ended(steps, false);
    CHECK(bench.operations("apply", "planned") == 1);
    CHECK(bench.resources_that("apply", "planned") == 2);
    CHECK(bench.resources_that("apply", "failed") == 1);
    plan_ended(std::vector<PlannedStep>(1), false);
    CHECK(bench.operations("apply", "failed") == 1);
    plan_ended(steps, true);
    CHECK(bench.operations("apply", "cancelled") == 1);
}

TEST_CASE("what waits, runs and is lost is told as it is at the moment") {
    Counted bench({.concurrency = 1, .timeout = std::chrono::milliseconds(60'000)});
    bench.cluster->hold("a");
    const auto first = bench.read("a");
    bench.cluster->wait_for("a");
    const auto second = bench.read("b");
    CHECK(bench.value(R"(resourcifier_target_calls_running{target="prod"})") == 1);
    CHECK(bench.value(R"(resourcifier_target_queue_length{target="prod"})") == 1);
    CHECK(bench.value(R"(resourcifier_target_calls_lost{target="prod"})") == 0);
    bench.cluster->let_go("a");
    first.wait();
    second.wait();
    REQUIRE(bench.target().wait_idle(for_ever));
    CHECK(bench.value(R"(resourcifier_target_calls_running{target="prod"})") == 0);
    CHECK(bench.value(R"(resourcifier_target_queue_length{target="prod"})") == 0);
}

TEST_CASE("a call that never returns is told as lost") {
    Counted bench({.timeout = std::chrono::milliseconds(1), .abandon_after = std::chrono::milliseconds(0)});
    bench.cluster->hold("a", false);
    bench.read("a").get();
    CHECK(bench.value(R"(resourcifier_target_calls_lost{target="prod"})") == 1);
    bench.cluster->let_go("a");
}

TEST_CASE("when a driver says that its credentials expire is told as a time, unless it is none") {
    Counted bench;
    constexpr auto series = R"(resourcifier_target_credentials_expire_timestamp_seconds{target="prod"})";
    const auto told = [&](boost::json::value expire) {
        bench.cluster->feel([expire = std::move(expire)] { return DriverHealth{true, "", {{"credentials_expire", expire}}}; });
        bench.target().health();
        return sample(bench.metrics.text(), series);
    };
    CHECK(told("2026-12-31T00:00:00Z") == 1798675200.);
    for (const boost::json::value &wrong :
         {boost::json::value("soon"), boost::json::value(""), boost::json::value("2026-12-31T00:00:00Z and"),
          boost::json::value("2026-13-31T00:00:00Z"), boost::json::value(1798675200), boost::json::value(nullptr)})
        CHECK_FALSE(told(wrong));
}

TEST_CASE("a target is ready when it is well, and what only plans for it does not say") {
    Counted bench;
    bench.target().health();
    CHECK(bench.value(R"(resourcifier_target_ready{target="prod"})") == 1);
    const auto planner = Target::make("prod", std::make_unique<FakeDriver>(std::make_shared<FakeCluster>()), {}, bench.log,
                                      bench.made, {}, bench.counted);
    planner->close();
    CHECK(bench.value(R"(resourcifier_target_ready{target="prod"})") == 1);
    bench.target().close();
    CHECK(bench.value(R"(resourcifier_target_ready{target="prod"})") == 0);
}
