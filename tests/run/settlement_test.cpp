// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "run/bench.hpp"
#include "run/settlement.hpp"
#include "shared/posted_object.hpp"

#include <resourcifier/extensions.h>

using namespace rsf::run::test;
namespace drivers = rsf::drivers;
namespace parse = rsf::parse;
using How = drivers::Settlement::How;

namespace {

parse::Resource resource_of(const char *properties) { return {"a", "Thing", json::parse(properties).as_object(), {}, {}}; }

Call write_of_it(Verb verb, const parse::Resource &resource) {
    Call call;
    call.verb = verb;
    call.type = resource.type;
    call.name = resource.name;
    call.object = json::serialize(resource.properties);
    call.operation = "01M8QEZ95T2Y00ZK8MWZMB4MT1";
    call.deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    return call;
}

// A driver that can tell.
class Knows final : public FakeDriver {
  public:
    Knows(std::shared_ptr<FakeCluster> cluster, drivers::Settled told) : FakeDriver(std::move(cluster)), told_(std::move(told)) {}
    std::vector<std::string> extensions() const override { return {RSF_EXT_SETTLE}; }
    drivers::Settled settle(const Call &) override { return told_; }

  private:
    const drivers::Settled told_;
};

} // namespace

TEST_CASE("an object is as posted if all that was posted is in it") {
    struct Row {
        const char *name, *posted, *live;
        bool same;
    };
    const Row rows[] = {
        {"the same", R"({"a": 1})", R"({"a": 1})", true},
        {"more in the cluster", R"({"a": {"b": 1}})", R"({"a": {"b": 1, "c": 2}, "d": 3})", true},
        {"another value", R"({"a": 1})", R"({"a": 2})", false},
        {"less in the cluster", R"({"a": 1, "b": 2})", R"({"a": 1})", false},
        {"a number as another type", R"({"a": 1})", R"({"a": 1.0})", true},
        {"a text as a number", R"({"a": "1"})", R"({"a": 1})", false},
        {"nothing where nothing was posted", R"({"a": null, "b": {}, "c": []})", "{}", true},
        {"something where nothing was posted", R"({"a": []})", R"({"a": [1]})", false},
        {"null for an empty mapping", R"({"a": {}})", R"({"a": null})", true},
        {"a list with a filled in member", R"({"a": [{"n": 1}]})", R"({"a": [{"n": 1, "p": "TCP"}]})", true},
        {"a longer list", R"({"a": [1]})", R"({"a": [1, 2]})", false},
        {"another order", R"({"a": [1, 2]})", R"({"a": [2, 1]})", false},
        {"a mapping for a text", R"({"a": {"b": 1}})", R"({"a": "b"})", false},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(rsf::shared::is_as_posted(json::parse(row.posted), json::parse(row.live)) == row.same);
    }
}

TEST_CASE("a write is settled by what is there, for each verb") {
    struct Row {
        const char *name;
        Verb verb;
        const char *posted, *live; // live: null for none
        How how;
    };
    const char *const secret =
        R"({"kind": "Secret", "stringData": {"k": "v"}, "metadata": {"name": "a", "resourceVersion": "1"}})";
    const Row rows[] = {
        {"a create that is there, since when nobody knows", Verb::create, R"({"v": 1})", R"({"v": 1, "status": {}})",
         How::unknown},
        {"a create that is not there", Verb::create, R"({"v": 1})", nullptr, How::not_done},
        {"a create and another object", Verb::create, R"({"v": 1})", R"({"v": 2})", How::unknown},
        {"a replace that shows", Verb::replace, R"({"v": 1})", R"({"v": 1})", How::done},
        {"a replace that does not show", Verb::replace, R"({"v": 1})", R"({"v": 2})", How::not_done},
        {"a replace of nothing", Verb::replace, R"({"v": 1})", nullptr, How::not_done},
        {"an apply that shows", Verb::apply, R"({"v": 1})", R"({"v": 1, "w": 2})", How::done},
        {"an apply that does not show", Verb::apply, R"({"v": 1})", R"({"w": 2})", How::not_done},
        {"a delete of what is gone", Verb::remove, R"({"v": 1})", nullptr, How::done},
        {"a delete of what is there", Verb::remove, R"({"v": 1})", R"({"v": 1})", How::unknown},
        {"a Secret's plain texts", Verb::replace, secret,
         R"({"kind": "Secret", "data": {"k": "dg=="}, "metadata": {"name": "a"}})", How::done},
        {"another Secret", Verb::replace, secret, R"({"kind": "Secret", "data": {"k": "eA=="}, "metadata": {"name": "a"}})",
         How::not_done},
        {"a status that was posted", Verb::replace, R"({"v": 1, "status": {"x": 1}})", R"({"v": 1})", How::done},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const auto cluster = std::make_shared<FakeCluster>();
        cluster->behave([&](const Call &) -> Answer {
            if (!row.live) return Failure(not_found("no a"));
            Success live{json::parse(row.live), 0, "/a"};
            live.revision = "7";
            return live;
        });
        FakeDriver driver(cluster);
        const parse::Resource resource = resource_of(row.posted);
        const auto settled = settle(driver, resource, write_of_it(row.verb, resource));
        CHECK(settled.how == row.how);
        CHECK(settled.why.empty() == (row.how != How::unknown));
        CHECK(settled.revision == (row.how == How::not_done && row.live ? "7" : ""));
        for (const Call &call : cluster->calls()) CHECK(call.verb == Verb::get);
    }
}

TEST_CASE("an object is read until the cluster answers, or the time is over") {
    const auto cluster = std::make_shared<FakeCluster>();
    std::atomic<int> reads = 0;
    cluster->behave([&](const Call &) -> Answer {
        if (++reads < 3) return Failure(unavailable("it is being started again"));
        return Success{json::parse(R"({"v": 1})"), 0, {}};
    });
    FakeDriver driver(cluster);
    const parse::Resource resource = resource_of(R"({"v": 1})");
    CHECK(settle(driver, resource, write_of_it(Verb::replace, resource)).how == How::done);
    CHECK(reads == 3);
    Call late = write_of_it(Verb::replace, resource);
    late.deadline = std::chrono::steady_clock::now();
    reads = -1'000'000;
    const auto settled = settle(driver, resource, late);
    CHECK(settled.how == How::unknown);
    CHECK_THAT(settled.why, ContainsSubstring("it is being started again"));
}

TEST_CASE("a driver that can tell is believed, and one that fails at it leaves the write unknown") {
    const auto cluster = std::make_shared<FakeCluster>();
    const parse::Resource resource = resource_of(R"({"v": 1})");
    const Call write = write_of_it(Verb::create, resource);
    const auto told = [&](drivers::Settled said) {
        Knows driver(cluster, std::move(said));
        return settle(driver, resource, write);
    };
    CHECK(told(drivers::Settlement{How::done, {}, json::parse(R"({"w": 2})")}).live.object == json::parse(R"({"w": 2})"));
    CHECK(told(drivers::Settlement{How::not_done}).how == How::not_done);
    CHECK(told(drivers::Settlement{How::unknown, "two are there"}).why == "two are there");
    const auto seen = told(drivers::Settlement{How::not_done, {}, {}, 0, "r7"});
    CHECK(seen.revision == "r7");
    drivers::Settlement done{How::done};
    done.outcome = RSF_OUTCOME_CREATED;
    done.warnings = {"it is late"};
    done.selflink = "/a";
    CHECK(told(done).live.outcome == RSF_OUTCOME_CREATED);
    CHECK(told(done).live.warnings == std::vector<std::string>{"it is late"});
    CHECK(told(done).live.selflink == "/a");
    CHECK_THAT(told(Failure(internal("it is broken"))).why, ContainsSubstring("the driver can't tell: it is broken"));
    CHECK(cluster->calls().empty());
}

TEST_CASE("a driver that can tell is asked until it is reached, or the time is over") {
    const auto cluster = std::make_shared<FakeCluster>();
    int asked = 0;
    cluster->settle = [&](const Call &) -> drivers::Settled {
        if (++asked < 3) return Failure(unavailable("it is being started again"));
        return drivers::Settlement{How::not_done};
    };
    FakeDriver driver(cluster);
    const parse::Resource resource = resource_of(R"({"v": 1})");
    Call write = write_of_it(Verb::create, resource);
    CHECK(settle(driver, resource, write).how == How::not_done);
    asked = -1'000'000;
    write.deadline = std::chrono::steady_clock::now();
    CHECK(settle(driver, resource, write).how == How::unknown);
}
