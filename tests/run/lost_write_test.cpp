// SPDX-License-Identifier: Apache-2.0
//
// Writes whose answer was lost while the daemon lived: what became of them is looked for.
#include "support/catch.hpp"

#include "run/bench.hpp"

#include <resourcifier/answer.h>

#include <map>
#include <mutex>

using namespace rsf::run::test;
namespace drivers = rsf::drivers;
using How = drivers::Settlement::How;
using Effect = Failure::Effect;

namespace {

Failure lost_failure(Effect effect = Effect::unknown, Code code = Code::internal, std::int32_t number = 0) {
    Failure lost = failure("its process was ended; whether it took effect is not known", code);
    lost.effect = effect;
    lost.number = number;
    return lost;
}

// A bench whose writes are all lost, and whose driver tells this of each.
struct Losing : Bench {
    explicit Losing(drivers::Settled told, Failure lost = lost_failure()) {
        cluster->behave([lost](const Call &) -> Answer { return lost; });
        cluster->settle = [this, told](const Call &call) {
            const std::lock_guard lock(mutex);
            asked.push_back(call);
            return told;
        };
    }
    std::mutex mutex;
    std::vector<Call> asked;
};

drivers::Settlement settlement_with(How how, std::string reason = {}) { return {how, std::move(reason)}; }

} // namespace

TEST_CASE("a write that happened though its answer was lost has its ordinary status") {
    struct Row {
        Verb verb;
        std::uint32_t outcome;
        const char *status;
    };
    const Row row = GENERATE(values<Row>({{Verb::create, 0, "Created"},
                                          {Verb::replace, 0, "Replaced"},
                                          {Verb::remove, 0, "Deleted"},
                                          {Verb::apply, RSF_OUTCOME_CREATED, "Created"},
                                          {Verb::apply, RSF_OUTCOME_UNCHANGED, "Unchanged"}}));
    drivers::Settlement done = settlement_with(How::done);
    done.outcome = row.outcome;
    Losing bench(done);
    CHECK(statuses(bench.write(row.verb, plain({"a"})).get()) == row.status);
    REQUIRE(bench.asked.size() == 1);
    CHECK(bench.asked[0].verb == row.verb);
    CHECK(bench.asked[0].name == "a");
    CHECK(bench.asked[0].object == R"({"value":"a"})");
    CHECK(bench.cluster->calls().size() == 1);
}

TEST_CASE("what refers to a write that happened gets the value from its object") {
    Bench bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "a") return lost_failure();
        return Success{json::parse(call.object), 0, {}};
    });
    bench.cluster->settle = [](const Call &) -> drivers::Settled {
        return drivers::Settlement{How::done, {}, json::parse(R"({"v": "live"})")};
    };
    const auto report = bench.write(Verb::create, resources({{"a", "{}"}, {"b", R"~({"x": "$(ref.a.v)"})~"}})).get();
    CHECK(statuses(report) == "Created Created");
    CHECK(bench.cluster->call_of("b").object == R"({"x":"live"})");
}

TEST_CASE("a write that did not happen has failed as before, and the rest goes on") {
    Bench bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "a") return lost_failure(Effect::unknown, Code::timeout);
        return Success{json::parse(call.object), 0, {}};
    });
    bench.cluster->settle = [](const Call &) -> drivers::Settled { return drivers::Settlement{How::not_done}; };
    const auto report = bench.write(Verb::create, resources({{"a", "{}"}, {"b", R"~({"x": "$(ref.a.v)"})~"}, {"c", "{}"}})).get();
    CHECK(statuses(report) == "Failed Aborted Created");
    CHECK(report->resources[0].state->failure->code == "timeout");
    CHECK(first_error(report, 0) == "Thing here/a: its process was ended; whether it took effect is not known. It was looked for "
                                    "afterwards, and had not happened.");
}

TEST_CASE("of a write that nobody can tell about, the status is Unknown, with what was seen") {
    Losing bench(settlement_with(How::unknown, "Two are there"));
    const auto report = bench.write(Verb::create, plain({"a"})).get();
    CHECK(statuses(report) == "Unknown");
    CHECK_THAT(first_error(report, 0), ContainsSubstring("It was looked for afterwards: Two are there."));
    CHECK(report->resources[0].state->failure->code == "internal");
}

TEST_CASE("whether a failed write is looked for follows from what its failure says") {
    struct Row {
        const char *name;
        Failure failure;
        bool is_looked_for;
    };
    const Row rows[] = {
        {"its effect is not known", lost_failure(), true},
        {"its effect is known", lost_failure(Effect::known, Code::timeout, RSF_TIMEOUT), false},
        {"a driver's timeout", lost_failure(Effect::unsaid, Code::timeout, RSF_TIMEOUT), true},
        {"a driver that was cancelled", lost_failure(Effect::unsaid, Code::cancelled, RSF_CANCELLED), true},
        {"a driver's refusal", lost_failure(Effect::unsaid, Code::conflict, RSF_CONFLICT), false},
        {"the daemon's own timeout", lost_failure(Effect::unsaid, Code::timeout), false},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        Losing bench(settlement_with(How::not_done), row.failure);
        CHECK(statuses(bench.write(Verb::create, plain({"a"})).get()) == "Failed");
        CHECK(bench.asked.size() == (row.is_looked_for ? 1 : 0));
    }
}

TEST_CASE("of a batch, only those in doubt are looked for") {
    Bench bench;
    bench.cluster->batch_limit = 10;
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "b") return failure("no", Code::invalid);
        if (call.name == "c" || call.name == "d") return lost_failure();
        return Success{json::parse(call.object), 0, {}};
    });
    bench.cluster->settle = [](const Call &call) -> drivers::Settled {
        return drivers::Settlement{call.name == "c" ? How::done : How::not_done};
    };
    CHECK(statuses(bench.write(Verb::create, plain({"a", "b", "c", "d"})).get()) == "Created Failed Created Failed");
}

TEST_CASE("a driver that can't tell has the object read, which tells of what sets its state") {
    Bench bench;
    std::string live = R"({"value": "a", "status": {}})";
    bench.cluster->behave([&](const Call &call) -> Answer {
        if (call.verb != Verb::get) return lost_failure();
        if (live.empty()) return Failure(not_found("no a"));
        return Success{json::parse(live), 0, "/a"};
    });
    CHECK(statuses(bench.write(Verb::replace, plain({"a"})).get()) == "Replaced");
    CHECK(statuses(bench.write(Verb::create, plain({"a"})).get()) == "Unknown");
    live.clear();
    CHECK(statuses(bench.write(Verb::create, plain({"a"})).get()) == "Failed");
    CHECK(statuses(bench.write(Verb::remove, plain({"a"})).get()) == "Deleted");
}

TEST_CASE("a look that comes to no end in time leaves the write Unknown") {
    Bench bench({.timeout = std::chrono::milliseconds(300), .abandon_after = std::chrono::milliseconds(5000)});
    bench.cluster->behave([](const Call &) -> Answer { return lost_failure(); });
    bench.cluster->settle = [](const Call &) -> drivers::Settled { return Failure(unavailable("it is being started again")); };
    const auto report = bench.write(Verb::create, plain({"a"})).get();
    CHECK(statuses(report) == "Unknown");
    CHECK_THAT(first_error(report, 0), ContainsSubstring("the driver can't tell: it is being started again"));
}

TEST_CASE("a write that was cancelled is looked for all the same") {
    Losing bench(settlement_with(How::done), lost_failure(Effect::unsaid, Code::cancelled, RSF_CANCELLED));
    std::stop_source cancel;
    bench.cluster->behave([&](const Call &) -> Answer {
        cancel.request_stop();
        return lost_failure(Effect::unsaid, Code::cancelled, RSF_CANCELLED);
    });
    auto promise = std::make_shared<std::promise<Report>>();
    Operation operation{Verb::create, plain({"a"}), "here", "r1"};
    operation.cancel = cancel.get_token();
    bench.runner.write(bench.target(), std::move(operation), [promise](Report report) { promise->set_value(std::move(report)); });
    CHECK(statuses(promise->get_future().get()) == "Created");
}
