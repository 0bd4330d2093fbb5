// SPDX-License-Identifier: Apache-2.0
#include "run/observer.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

#include <mutex>
#include <stdexcept>

using namespace rsf::run::test;

namespace {

// Remembers what it is told, as lines. Thread-safe.
class Recorder final : public Observer {
  public:
    std::optional<Failure> admitted(const Subject &subject) override {
        note("admitted", subject);
        return refusal;
    }
    void step_begun(const Subject &subject, std::size_t resource) override { note("begun " + std::to_string(resource), subject); }
    void step_ended(const Subject &subject, std::size_t resource, const Answer &answer) override {
        note("ended " + std::to_string(resource) + (answer ? "" : ": " + answer.error().message), subject);
    }
    void ended(const Subject &subject, const Outcome &outcome) override {
        std::string what = "over";
        if (outcome.refusal) what += ", refused: " + outcome.refusal->message;
        for (const Resource &resource : outcome.resources) what += " " + std::string(to_string(resource.state->status));
        if (!outcome.steps.empty()) what += ", " + std::to_string(outcome.steps.size()) + " planned";
        if (outcome.answer) what += *outcome.answer ? ", answered" : ", " + outcome.answer->error().message;
        note(what, subject);
    }

    std::vector<std::string> lines() const {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

    std::optional<Failure> refusal; // constant after the first operation began

  private:
    void note(const std::string &what, const Subject &subject) {
        const std::lock_guard lock(mutex_);
        lines_.push_back(std::string(to_string(subject.verb)) + " by " + subject.caller.name + " on " + subject.target.name() +
                         ": " + what);
    }

    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

struct Thrower final : Observer {
    std::optional<Failure> admitted(const Subject &) override { return std::nullopt; }
    void step_begun(const Subject &, std::size_t) override { throw std::runtime_error("the disk is full"); }
    void step_ended(const Subject &, std::size_t, const Answer &) override { throw std::runtime_error("the disk is full"); }
    void ended(const Subject &, const Outcome &) override { throw std::runtime_error("the disk is full"); }
};

struct ThrowsNumbers final : Observer {
    void step_begun(const Subject &, std::size_t) override { throw 123; }
    void step_ended(const Subject &, std::size_t, const Answer &) override { throw 123; }
    void ended(const Subject &, const Outcome &) override { throw 123; }
};

struct AdmitsByNumber final : Observer {
    std::optional<Failure> admitted(const Subject &) override { throw 123; }
};

struct CannotRecord final : Observer {
    std::optional<Failure> admitted(const Subject &) override { throw std::runtime_error("the disk is full"); }
};

// A target whose operations are observed.
struct Observed : Bench {
    Report write_as(const Runner &by, Configuration configuration) {
        std::promise<Report> promise;
        Operation operation{Verb::create, std::move(configuration), "here", "r1"};
        operation.caller.name = "ann";
        by.write(target(), std::move(operation), [&](Report report) { promise.set_value(std::move(report)); });
        return promise.get_future().get();
    }

    std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
    const Runner observed{{recorder}};
};

} // namespace

TEST_CASE("an observer is told of an operation, each of its steps, and its end, with who and what") {
    Observed bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "bad") return failure("no such place");
        return Success{};
    });
    bench.write_as(bench.observed, resources({{"bad", "{}"}, {"late", R"~({"x": "$(ref.bad.v)"})~"}}));
    CHECK(bench.recorder->lines() == std::vector<std::string>{
                                         "create by ann on prod: admitted", "create by ann on prod: begun 0",
                                         "create by ann on prod: ended 0: no such place",
                                         "create by ann on prod: over Failed Aborted", // a step that never began has no lines
                                     });
}

TEST_CASE("an observer may refuse an operation, and then the driver is asked nothing") {
    Observed bench;
    bench.recorder->refusal = failure("not on a Friday", Code::forbidden);
    const Report report = bench.write_as(bench.observed, plain({"a", "b"}));
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().code == Code::forbidden);
    CHECK(report.error().message == "not on a Friday");
    CHECK(bench.recorder->lines() ==
          std::vector<std::string>{"create by ann on prod: admitted", "create by ann on prod: over, refused: not on a Friday"});
    CHECK(bench.cluster->begun().empty());
    CHECK(bench.target().wait_idle(for_ever)); // its place in the queue is free again
}

TEST_CASE("an operation that was never admitted has an end, too") {
    Observed bench;
    SECTION("since the target takes nothing any more") { bench.target().close(); }
    SECTION("since its driver does not do it") { bench.cluster->capabilities = 2; }
    bench.write_as(bench.observed, plain({"a"}));
    REQUIRE(bench.recorder->lines().size() == 1);
    CHECK_THAT(bench.recorder->lines().front(), StartsWith("create by ann on prod: over, refused: "));
}

TEST_CASE("a read has an end alone") {
    Observed bench;
    Caller caller;
    caller.name = "ann";
    Call call;
    call.verb = Verb::get;
    call.name = "a";
    std::promise<Answer> promise;
    bench.observed.read(bench.target(), call, caller, {}, [&](Answer answer) { promise.set_value(std::move(answer)); });
    promise.get_future().get();
    CHECK(bench.recorder->lines() == std::vector<std::string>{"get by ann on prod: over, answered"});
}

TEST_CASE("what an observer throws costs nothing but its own record, and others are told") {
    Observed bench;
    const std::shared_ptr<Observer> thrower = std::make_shared<Thrower>(), numbers = std::make_shared<ThrowsNumbers>();
    const Runner runner{{GENERATE_COPY(thrower, numbers), bench.recorder}};
    CHECK(statuses(bench.write_as(runner, plain({"a"}))) == "Created");
    CHECK(bench.recorder->lines().size() == 4);
}

TEST_CASE("an operation that can't be recorded is not done") {
    Observed bench;
    const Runner runner{{std::make_shared<CannotRecord>(), bench.recorder}};
    const Report report = bench.write_as(runner, plain({"a"}));
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().code == Code::unavailable);
    CHECK_THAT(report.error().message, ContainsSubstring("the disk is full"));
    CHECK(bench.cluster->begun().empty());
}

TEST_CASE("an operation whose observer throws what is no exception is not done, and others are told of its end alone") {
    Observed bench;
    const Runner runner{{std::make_shared<AdmitsByNumber>(), bench.recorder}};
    const Report report = bench.write_as(runner, plain({"a"}));
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().code == Code::unavailable);
    CHECK(bench.recorder->lines() ==
          std::vector<std::string>{"create by ann on prod: over, refused: the operation can't be recorded"});
}

TEST_CASE("a refusal with several causes is one line of the log, which escapes nothing") {
    Bench bench;
    const Error refusal = invalid("no order can be followed").because({invalid("a before b"), invalid("b before a")});
    const Caller caller;
    LogObserver(bench.log).ended({bench.target(), Verb::create, false, "", "r1", caller, 2}, {.refusal = &refusal});
    CHECK(bench.lines.with("2 resources refused: no order can be followed: a before b; b before a\n").size() == 1);
}
