// SPDX-License-Identifier: Apache-2.0
//
// Plans over a target: their steps in order, their ends, and that nothing reaches the target but what changes nothing.
#include "targets/target.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

#include <atomic>

using namespace rsf::run::test;

namespace {

// Plans by asking a fake cluster of its own, whose answers are the steps.
class FakePlanner : public Driver {
  public:
    FakePlanner(std::shared_ptr<FakeCluster> steps, std::shared_ptr<std::atomic<int>> ends)
        : steps_(std::move(steps)), ends_(std::move(ends)) {
        descriptor_.name = "planner";
        descriptor_.concurrent = true;
    }

    const Descriptor &descriptor() const override { return descriptor_; }
    std::vector<std::string> extensions() const override { return {"rsf.plan/1"}; }
    Answer perform(const Call &) override { return failure("it only plans"); }
    Result<std::vector<Before>> order(std::string_view, const std::vector<Orderable> &) override { return std::vector<Before>{}; }

    Result<std::unique_ptr<Planning>> plan(Verb, std::string, std::vector<Orderable>) override {
        struct Fake : Planning {
            Fake(std::shared_ptr<FakeCluster> of, std::shared_ptr<std::atomic<int>> count)
                : steps(std::move(of)), ends(std::move(count)) {}
            Answer step(std::size_t, const Call &call, const std::vector<std::string> &) override { return steps->perform(call); }
            void end() override { ++*ends; }
            std::shared_ptr<FakeCluster> steps;
            std::shared_ptr<std::atomic<int>> ends;
        };
        return std::make_unique<Fake>(steps_, ends_);
    }

  private:
    const std::shared_ptr<FakeCluster> steps_;
    const std::shared_ptr<std::atomic<int>> ends_;
    Descriptor descriptor_;
};

struct PlanBench : Bench {
    PlanBench() {
        steps->behave([](const Call &call) -> Answer {
            return Success{json::object{{"action", "create"}, {"object", json::parse(call.object)}}, 0, {}};
        });
    }

    std::future<PlanReport> plan(Configuration configuration, std::stop_token client = {}, Verb verb = Verb::create) {
        target(); // made first: the planner stands over it
        planner = Target::make("prod", std::make_unique<FakePlanner>(steps, ends), limits, log, made);
        auto promise = std::make_shared<std::promise<PlanReport>>();
        runner.plan(*planner, {verb, std::move(configuration), "here", "r1"}, std::move(client),
                    [promise](PlanReport report) { promise->set_value(std::move(report)); });
        return promise->get_future();
    }

    std::shared_ptr<FakeCluster> steps = std::make_shared<FakeCluster>();
    std::shared_ptr<std::atomic<int>> ends = std::make_shared<std::atomic<int>>(0);
    std::shared_ptr<Target> planner;
};

} // namespace

TEST_CASE("each resource gets its step, what it refers to first, and the plan is ended once") {
    PlanBench bench;
    const PlanReport report = bench.plan(resources({{"b", R"~({"from": "$(ref.a.value)"})~"}, {"a", R"({"value": 7})"}})).get();
    REQUIRE(report.has_value());
    CHECK(bench.steps->begun() == std::vector<std::string>{"a", "b"});
    CHECK(json::parse(bench.steps->call_of("b").object) == json::parse(R"({"from": 7})"));
    REQUIRE(report->steps.size() == 2);
    CHECK(report->steps[0].refers_to == std::vector<std::size_t>{1});
    CHECK(report->steps[0].step->at("action") == "create");
    CHECK_FALSE(report->steps[0].step->contains("object"));
    CHECK(*bench.ends == 1);
    CHECK(bench.cluster->begun().empty());
}

TEST_CASE("what the planner warns of is in its step") {
    PlanBench bench;
    bench.steps->behave([](const Call &) -> Answer {
        Success step{json::object{{"action", "create"}, {"warnings", json::array{"It is old."}}}, 0, {}};
        step.warnings = {"So is the cluster."};
        return step;
    });
    const PlanReport report = bench.plan(resources({{"a", R"({"value": 7})"}})).get();
    REQUIRE(report.has_value());
    CHECK(report->steps[0].step->at("warnings") == json::value{"It is old.", "So is the cluster."});
}

TEST_CASE("the target that is planned over says the order") {
    PlanBench bench;
    bench.cluster->order = [](std::string_view, const std::vector<Orderable> &) -> Result<std::vector<Before>> {
        return std::vector<Before>{{1, 0, "so it is"}};
    };
    bench.limits.concurrency = 1;
    REQUIRE(bench.plan(plain({"then", "first"})).get().has_value());
    CHECK(bench.steps->begun() == std::vector<std::string>{"first", "then"});
}

TEST_CASE("the end of a plan is announced before its planner may be ended, also on a thread of the target planned over") {
    struct Looks final : Observer {
        void ended(const Subject &subject, const Outcome &outcome) override {
            is_refused = outcome.refusal != nullptr;
            is_busy = !subject.target.context().pool.wait_idle(std::chrono::steady_clock::now());
        }
        std::atomic<bool> is_refused = false, is_busy = false;
    };
    PlanBench bench;
    const auto looks = std::make_shared<Looks>();
    bench.runner = Runner({looks});
    const bool is_cycle = GENERATE(false, true);
    const PlanReport report =
        bench.plan(resources({{"a", is_cycle ? R"~({"x": "$(ref.b.v)"})~" : "{}"}, {"b", R"~({"x": "$(ref.a.v)"})~"}})).get();
    CHECK(report.has_value() == !is_cycle);
    CHECK(looks->is_refused == is_cycle);
    CHECK(looks->is_busy);
    CHECK(bench.planner->wait_idle(for_ever));
}

TEST_CASE("the target that is planned over says that a reference makes two resources one object") {
    PlanBench bench;
    bool order_fails = false;
    bench.cluster->order = [&](std::string_view, const std::vector<Orderable> &asked) -> Result<std::vector<Before>> {
        if (asked.size() == 3) return std::vector<Before>{};
        if (order_fails) return Error{Code::unavailable, "no order today", {}, {}};
        return std::vector<Before>{{0, 1, ""}, {1, 0, ""}};
    };
    const auto third_of = [&] {
        const Configuration posted = resources({{"a", R"({"value": "twin"})"},
                                                {"b", R"({"metadata": {"name": "twin"}})"},
                                                {"c", R"~({"metadata": {"name": "$(ref.a.value)"}})~"}});
        const PlanReport report = bench.plan(posted).get();
        REQUIRE(report.has_value());
        CHECK(report->steps[1].step->at("action") == "create");
        CHECK_FALSE(report->steps[2].step.has_value());
        return report->steps[2].reason;
    };
    CHECK_THAT(third_of(), ContainsSubstring("it is the same object as 'b'"));
    order_fails = true;
    CHECK(third_of() == "no order today");
    CHECK(bench.steps->begun().size() == 4); // of both plans, without the third
}

TEST_CASE("what a failed step is needed for gets no step, but a reason") {
    PlanBench bench;
    bench.steps->behave([](const Call &call) -> Answer {
        if (call.name == "broken") return failure("the driver is broken");
        return Success{json::object{{"action", "failed"}, {"errors", {"it would be refused"}}}, 0, {}};
    });
    const PlanReport report = bench.plan(resources({{"a", "{}"}, {"of-a", R"~({"x": "$(ref.a.y)"})~"}, {"broken", "{}"}})).get();
    REQUIRE(report.has_value());
    CHECK(report->steps[0].step->at("action") == "failed");
    CHECK_FALSE(report->steps[1].step.has_value());
    CHECK_THAT(report->steps[1].reason, ContainsSubstring("it would be refused"));
    CHECK(report->steps[2].reason == "the driver is broken");
    CHECK(*bench.ends == 1);
}

TEST_CASE("a plan of a delete reads what an identity refers to, and says of what can't be there that nothing happens") {
    PlanBench bench;
    bench.cluster->behave([](const Call &) -> Answer { return Success{{{"uid", "u"}}, 0, {}}; });
    const PlanReport report = bench
                                  .plan(resources({{"web", "{}"},
                                                   {"a", R"~({"metadata": {"name": "$(ref.web.uid)"}})~"},
                                                   {"b", R"~({"metadata": {"name": "$(ref.nobody.x)"}})~"}}),
                                        {}, Verb::remove)
                                  .get();
    REQUIRE(report.has_value());
    CHECK(bench.cluster->begun() == std::vector<std::string>{"web"}); // a read of what is planned over
    CHECK(bench.cluster->call_of("web").verb == Verb::get);
    CHECK(bench.steps->begun() == std::vector<std::string>{"a", "web"});
    CHECK(bench.steps->call_of("a").object == R"({"metadata":{"name":"u"}})");
    CHECK(report->steps[2].step->at("action") == "unchanged");
    CHECK_THAT(std::string(report->steps[2].step->at("reason").as_string()),
               ContainsSubstring("Nothing can be there to delete") && ContainsSubstring("$(ref.nobody.x)"));
}

TEST_CASE("a client that goes away ends its plan") {
    PlanBench bench;
    bench.limits.concurrency = 1;
    bench.steps->hold("a");
    std::stop_source client;
    auto planned = bench.plan(plain({"a", "b", "c"}), client.get_token());
    bench.steps->wait_for("a");
    client.request_stop();
    REQUIRE(planned.get().has_value());
    CHECK(bench.steps->begun() == std::vector<std::string>{"a"});
    CHECK(*bench.ends == 1);
}

TEST_CASE("a target refuses what could write, whoever asks") {
    Bench bench;
    for (const Verb verb : {Verb::create, Verb::replace, Verb::apply, Verb::remove})
        for (const bool dry_run : {false, true}) {
            std::promise<Answer> promise;
            Call call;
            call.verb = verb;
            call.name = "x";
            call.object = "{}";
            call.dry_run = dry_run; // the fake driver does not offer rsf.dry_run/1
            bench.target().ask(std::move(call), {}, [&](Answer answer) { promise.set_value(std::move(answer)); });
            const Answer answer = promise.get_future().get();
            REQUIRE_FALSE(answer.has_value());
            CHECK(answer.error().code == Code::forbidden);
            CHECK_THAT(answer.error().message, ContainsSubstring("a plan may change nothing"));
        }
    CHECK(bench.cluster->begun().empty());
}
