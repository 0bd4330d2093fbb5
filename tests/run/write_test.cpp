// SPDX-License-Identifier: Apache-2.0
#include "targets/target.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

#include <resourcifier/answer.h>

#include <new>
#include <thread>

using namespace rsf::run::test;

namespace {

constexpr const char *referring = R"_({"d": "$(ref.a.b)"})_";

} // namespace

TEST_CASE("every resource ends in a state, in the order posted") {
    struct Row {
        Verb verb;
        std::string statuses;
    };
    const std::vector<Row> rows{
        {Verb::create, "Created Created"}, {Verb::replace, "Replaced Replaced"}, {Verb::remove, "Deleted Deleted"}};
    for (const Row &row : rows) {
        INFO(to_string(row.verb));
        Bench bench;
        const Report report = bench.write(row.verb, plain({"b", "a"})).get();
        CHECK(statuses(report) == row.statuses);
        CHECK(report->resources[0].name == "b");
        CHECK(report->resources[1].properties == boost::json::object{{"value", "a"}});
        CHECK(report->resources[0].state->selflink == (row.verb == Verb::remove ? "" : "/fake/b"));
    }
}

TEST_CASE("what a driver warns of reaches the state of its resource, without the secrets that were posted") {
    Bench bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        Success success;
        success.outcome = RSF_OUTCOME_CREATED;
        if (call.name == "a") success.warnings = {"It is old: s3cr3t-value.", "It is very old."};
        return success;
    });
    const Report report =
        bench
            .write(Verb::create,
                   resources({{"a", R"({"kind": "Secret", "stringData": {"k": "s3cr3t-value"}})"}, {"b", R"({"b": 1})"}}))
            .get();
    REQUIRE(report.has_value());
    REQUIRE(report->resources[0].state->warnings.size() == 2);
    CHECK_THAT(report->resources[0].state->warnings[0], StartsWith("It is old: ") && !ContainsSubstring("s3cr3t"));
    CHECK(report->resources[0].state->warnings[1] == "It is very old.");
    CHECK(report->resources[1].state->warnings.empty());
    const json::value document = to_value(*report);
    CHECK(document.at("resources").at(0).at("state").at("warnings").as_array().size() == 2);
    CHECK_FALSE(document.at("resources").at(1).at("state").as_object().contains("warnings"));
}

TEST_CASE("a write whose object was dropped is told all the same, and what refers to the object fails and says why") {
    Bench bench;
    bench.cluster->behave([](const Call &) -> Answer {
        Success success;
        success.outcome = RSF_OUTCOME_CREATED;
        success.dropped = true;
        return success;
    });
    const Report report = bench.write(Verb::create, resources({{"a", R"({"b": 1})"}, {"c", referring}})).get();
    REQUIRE(report.has_value());
    CHECK(statuses(report) == "Created Failed");
    CHECK_THAT(report->resources[1].state->errors.at(0),
               ContainsSubstring("the daemon had no memory for the object when it came"));
    CHECK(bench.lines.with("1 objects that the driver answered with were not taken").size() == 1);
}

TEST_CASE("memory of objects that nothing refers to is given back with each of them, of others with the operation") {
    Bench bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        Success success;
        success.object = boost::json::object{{"b", 1}};
        success.counted = call.memory && call.memory->add(1000) ? 1000 : 0;
        return success;
    });
    const auto budget = std::make_shared<Budget>();
    Operation operation;
    operation.configuration = resources({{"a", R"({"b": 1})"}, {"c", referring}, {"e", R"({"f": 1})"}});
    operation.memory = std::make_shared<Share>(budget, 10'000);
    const std::shared_ptr<Share> share = operation.memory;
    std::promise<std::size_t> taken;
    bench.runner.write(bench.target(), std::move(operation), [&](const Report &) { taken.set_value(share->amount()); });
    CHECK(taken.get_future().get() == 1000);
}

TEST_CASE("a call says all that the driver needs") {
    Bench bench;
    const auto before = std::chrono::steady_clock::now();
    bench.write(Verb::replace, resources({{"web", R"({"kind": "Service", "ports": [80]})"}}), "request-7").get();
    const Call call = bench.cluster->call_of("web");
    CHECK(call.verb == Verb::replace);
    CHECK(call.type == "Thing");
    CHECK(call.ns == "here");
    CHECK(call.request_id == "request-7");
    CHECK(boost::json::parse(call.object) == boost::json::parse(R"({"kind": "Service", "ports": [80]})"));
    CHECK(call.deadline >= before + bench.limits.timeout);
    CHECK(call.deadline <= std::chrono::steady_clock::now() + bench.limits.timeout);
    CHECK_FALSE(call.stop.stop_requested());
}

TEST_CASE("independent resources run in parallel, up to the target's concurrency and no further") {
    Bench bench({.concurrency = 4});
    std::vector<std::string> names;
    for (int i = 0; i < 10; ++i) names.push_back("r" + std::to_string(i));
    for (const std::string &name : names) bench.cluster->hold(name);
    auto report = bench.write(Verb::create, plain(names));
    bench.cluster->wait_for_running(4);
    CHECK(bench.target().health().running == 4);
    for (const std::string &name : names) bench.cluster->let_go(name);
    CHECK(report.get()->resources.size() == 10);
    CHECK(bench.cluster->most_at_once() == 4);
}

TEST_CASE("a driver that is not concurrent is called by one at a time") {
    Bench bench({.concurrency = 8});
    bench.cluster->concurrent = false;
    auto first = bench.write(Verb::create, plain({"a", "b", "c", "d", "e"}));
    auto second = bench.write(Verb::create, plain({"f", "g", "h"}));
    std::vector<std::future<Answer>> reads;
    for (int i = 0; i < 10; ++i) reads.push_back(bench.read("r" + std::to_string(i)));
    CHECK(statuses(first.get()) == "Created Created Created Created Created");
    CHECK(statuses(second.get()) == "Created Created Created");
    for (auto &read : reads) CHECK(read.get().has_value());
    CHECK(bench.cluster->most_at_once() == 1);
}

TEST_CASE("a small operation overtakes a large one that began before it") {
    Bench bench({.concurrency = 2});
    std::vector<std::string> many;
    for (int i = 1; i <= 50; ++i) many.push_back("a" + std::to_string(i));
    for (const std::string &name : many) bench.cluster->hold(name);
    auto large = bench.write(Verb::create, plain(many));
    bench.cluster->wait_for_running(2);
    auto small = bench.write(Verb::create, plain({"b1", "b2"}));
    bench.cluster->let_go("a1");
    bench.cluster->wait_for("a3"); // its turn came after the small operation was planned
    bench.cluster->let_go("a2");
    CHECK(statuses(small.get()) == "Created Created");
    CHECK(bench.cluster->begun().size() <= 6);
    for (const std::string &name : many) bench.cluster->let_go(name);
    CHECK(large.get().has_value());
}

TEST_CASE("each resource goes ahead as soon as its own references are there, not in phases") {
    Bench bench;
    bench.cluster->hold("slow");
    auto report = bench.write(Verb::create, resources({
                                                {"slow", "{}"},
                                                {"fast", R"({"v": 1})"},
                                                {"next", R"~({"v": "$(ref.fast.v)"})~"},
                                                {"last", R"~({"v": "$(ref.next.v)", "w": "$(ref.slow)"})~"},
                                            }));
    // "$(ref.slow)" has no path, so this configuration is refused; the next one is not.
    CHECK(report.get().error().code == Code::invalid);
    auto good = bench.write(Verb::create, resources({
                                              {"slow", R"({"v": 2})"},
                                              {"fast", R"({"v": 1})"},
                                              {"next", R"~({"v": "$(ref.fast.v)"})~"},
                                              {"after", R"~({"v": "$(ref.next.v)"})~"},
                                              {"last", R"~({"v": "$(ref.after.v)", "w": "$(ref.slow.v)"})~"},
                                          }));
    bench.cluster->wait_for("after");
    bench.cluster->let_go("slow");
    CHECK(statuses(good.get()) == "Created Created Created Created Created");
    CHECK(bench.cluster->call_of("last").object == R"({"v":1,"w":2})");
}

TEST_CASE("a chain of twenty references and a diamond resolve to what the cluster holds") {
    Bench bench;
    std::vector<std::pair<std::string, std::string>> chain{{"r0", R"({"v": 0})"}};
    for (int i = 1; i < 20; ++i)
        chain.insert(chain.begin(), {"r" + std::to_string(i), R"~({"v": "$(ref.r)~" + std::to_string(i - 1) + R"~(.live)"})~"});
    chain.emplace_back("diamond", R"~({"v": "$(ref.r19.live)-$(ref.r9.live)-$(ref.r0.live)"})~");
    bench.cluster->behave([](const Call &call) -> Answer { // the value in the cluster is the one that was sent, and one
        const boost::json::value sent = boost::json::parse(call.object);
        const auto *number = sent.at("v").if_int64();
        return Success{{{"live", number ? *number + 1 : 0}}, 0, {}};
    });
    const Report report = bench.write(Verb::create, resources(chain)).get();
    REQUIRE(report.has_value());
    for (const Resource &resource : report->resources) CHECK(resource.state->status == Status::created);
    CHECK(bench.cluster->call_of("r19").object == R"({"v":19})");
    CHECK(bench.cluster->call_of("diamond").object == R"({"v":"20-10-1"})");
}

TEST_CASE("a failure in the middle aborts exactly what depends on it") {
    Bench bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "b") return failure("the cluster says no", Code::forbidden);
        return Success{{{"v", 1}}, 0, {}};
    });
    const Report report = bench
                              .write(Verb::create, resources({
                                                       {"a", "{}"},
                                                       {"b", R"~({"x": "$(ref.a.v)"})~"},
                                                       {"c", R"~({"x": "$(ref.b.v)"})~"},
                                                       {"d", R"~({"x": "$(ref.c.v) $(ref.a.v)"})~"},
                                                       {"e", R"~({"x": "$(ref.a.v)"})~"},
                                                       {"f", "{}"},
                                                   }))
                              .get();
    CHECK(statuses(report) == "Created Failed Aborted Aborted Created Created");
    CHECK(first_error(report, 1) == "Thing here/b: the cluster says no");
    CHECK(first_error(report, 2) == "Thing here/c: aborted: it refers to 'b', which failed: the cluster says no");
    CHECK(first_error(report, 3) ==
          "Thing here/d: aborted: it refers to 'c', which was aborted because 'b' failed: the cluster says no");
    CHECK(bench.cluster->begun().size() == 4);
}

TEST_CASE("a value that is missing fails the resource that asks for it, after what it asks was made") {
    Bench bench;
    bench.cluster->behave([](const Call &) -> Answer { return Success{}; }); // no object at all
    const Report report =
        bench.write(Verb::create, resources({{"a", "{}"}, {"b", R"~({"x": "$(ref.a.v)"})~"}, {"c", R"~({"x": "$(ref.b.v)"})~"}}))
            .get();
    CHECK(statuses(report) == "Created Failed Aborted");
    CHECK_THAT(first_error(report, 1), ContainsSubstring("$(ref.a.v) at /x can't be resolved"));
}

TEST_CASE("the driver's order is asked for once and kept") {
    Bench bench;
    std::vector<std::string> asked;
    bench.cluster->order = [&](std::string_view ns, const std::vector<Orderable> &of) -> Result<std::vector<Before>> {
        asked.push_back(std::string(ns));
        for (const Orderable &resource : of)
            asked.push_back(std::string(resource.name) + " " + std::string(resource.type) + " " + resource.object);
        return std::vector<Before>{{1, 0, "namespace first"}};
    };
    SECTION("creating: what comes first may fail") {
        bench.cluster->behave([](const Call &call) -> Answer {
            if (call.name == "ns") return failure("no");
            return Success{};
        });
        CHECK(statuses(bench.write(Verb::create, plain({"web", "ns"})).get()) == "Created Failed");
        CHECK(bench.cluster->begun() == std::vector<std::string>{"ns", "web"});
        CHECK(asked == std::vector<std::string>{"here", R"(web Thing {"value":"web"})", R"(ns Thing {"value":"ns"})"});
    }
    SECTION("removing: the other way round") {
        CHECK(statuses(bench.write(Verb::remove, plain({"web", "ns"})).get()) == "Deleted Deleted");
        CHECK(bench.cluster->begun() == std::vector<std::string>{"web", "ns"});
    }
}

TEST_CASE("what can't be planned is refused, and nothing is touched") {
    struct Row {
        std::string name;
        Configuration configuration;
        std::function<Result<std::vector<Before>>()> order;
        Code code;
    };
    const Configuration fine = plain({"a", "b"});
    const std::vector<Row> rows{
        {"a cycle", resources({{"a", R"~({"x": "$(ref.b.v)"})~"}, {"b", R"~({"x": "$(ref.a.v)"})~"}}), {}, Code::invalid},
        {"an unknown name", resources({{"a", R"~({"x": "$(ref.nobody.v)"})~"}, {"b", "{}"}}), {}, Code::invalid},
        {"an order that fails", fine,
         [] {
             return Error{Code::internal, "the order is wrong", {}, {}};
         },
         Code::internal},
        {"an order in a circle", plain({"a", "b", "c"}),
         [] {
             return std::vector<Before>{{0, 1, ""}, {1, 2, ""}, {2, 0, ""}};
         },
         Code::internal},
        {"an order that throws", fine, []() -> Result<std::vector<Before>> { throw std::bad_alloc(); }, Code::internal},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        Bench bench;
        if (row.order) bench.cluster->order = [&](auto, const auto &) { return row.order(); };
        const Report report = bench.write(Verb::create, row.configuration).get();
        REQUIRE_FALSE(report.has_value());
        CHECK(report.error().code == row.code);
        CHECK_FALSE(report.error().message.empty());
        CHECK(bench.cluster->begun().empty());
        CHECK(bench.target().wait_idle(std::chrono::steady_clock::time_point::max()));
    }
}

TEST_CASE("what a driver throws costs the one call") {
    Bench bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "memory") throw std::bad_alloc();
        if (call.name == "number") throw 123;
        return Success{};
    });
    const Report report = bench.write(Verb::create, plain({"memory", "fine", "number"})).get();
    CHECK(statuses(report) == "Failed Created Failed");
    CHECK_THAT(first_error(report, 0),
               ContainsSubstring("driver 'fake' of target 'prod' could not be called for create of 'memory'"));
    CHECK_THAT(first_error(report, 2), ContainsSubstring("'number'"));
}

TEST_CASE("ten thousand resources that all wait in a queue end without deep recursion") {
    Bench bench({.concurrency = 2});
    std::vector<std::string> names;
    for (int i = 0; i < 10'000; ++i) names.push_back("r" + std::to_string(i));
    const Report report = bench.write(Verb::create, plain(names)).get();
    REQUIRE(report.has_value());
    CHECK(std::ranges::all_of(report->resources, [](const Resource &r) { return r.state->status == Status::created; }));
}

TEST_CASE("the log has a line when an operation begins, one per object that failed or was aborted, one when it ends") {
    Bench bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "bad") return failure("no\nsuch place");
        return Success{{{"v", "hunter2"}}, 0, {}};
    });
    bench
        .write(Verb::create,
               resources({{"good", R"({"password": "hunter2"})"}, {"bad", "{}"}, {"late", R"~({"x": "$(ref.bad.v)"})~"}}), "id-1")
        .get();
    bench.write(Verb::create, resources({{"a", R"~({"x": "$(ref.a.v)"})~"}}), "id-2").get();
    const auto begun = bench.lines.with("begins");
    REQUIRE(begun.size() == 2);
    CHECK_THAT(begun[0], EndsWith("target=prod request=id-1 operation=create an operation of 3 resources begins"));
    const auto ends = bench.lines.with("resources took");
    REQUIRE(ends.size() == 1);
    CHECK_THAT(ends[0], StartsWith("target=prod request=id-1 operation=create 3 resources took "));
    CHECK_THAT(ends[0], EndsWith(" ms: 1 Created, 1 Failed, 1 Aborted"));
    CHECK(bench.lines.with("failed: ") ==
          std::vector<std::string>{"target=prod request=id-1 operation=create 'bad' (Thing) failed: no\\x0Asuch place",
                                   "target=prod request=id-1 operation=create 'late' (Thing) aborted: it refers to 'bad', which "
                                   "failed: no\\x0Asuch place"});
    const auto refused = bench.lines.with("refused");
    REQUIRE(refused.size() == 1);
    CHECK_THAT(refused[0], StartsWith("target=prod request=id-2 operation=create 1 resources refused: "));
    CHECK(bench.lines.with("hunter2").empty());
}

TEST_CASE("two hundred operations of five resources at once lose nothing") {
    Bench bench({.concurrency = 8, .queue = 200});
    std::vector<std::future<Report>> reports(200);
    bench.target();
    {
        std::vector<std::jthread> clients;
        for (std::size_t client = 0; client < 4; ++client)
            clients.emplace_back([&, client] {
                for (std::size_t i = client; i < reports.size(); i += 4) {
                    const std::string p = "op" + std::to_string(i) + "-";
                    reports[i] =
                        bench.write(Verb::create, resources({
                                                      {p + "e", R"~({"v": "$(ref.)~" + p + R"~(c.v)$(ref.)~" + p + R"~(d.v)"})~"},
                                                      {p + "d", R"~({"v": "$(ref.)~" + p + R"~(b.v)"})~"},
                                                      {p + "c", R"~({"v": "$(ref.)~" + p + R"~(b.v)"})~"},
                                                      {p + "b", R"~({"v": "$(ref.)~" + p + R"~(a.v)"})~"},
                                                      {p + "a", R"({"v": ")" + std::to_string(i) + R"("})"},
                                                  }));
                }
            });
    }
    for (std::size_t i = 0; i < reports.size(); ++i) {
        CHECK(statuses(reports[i].get()) == "Created Created Created Created Created");
        const std::string twice = std::to_string(i) + std::to_string(i);
        CHECK(bench.cluster->call_of("op" + std::to_string(i) + "-e").object == R"({"v":")" + twice + R"("})");
    }
    CHECK(bench.cluster->begun().size() == 1000);
    CHECK(bench.target().wait_idle(std::chrono::steady_clock::time_point::max()));
    const Health health = bench.target().health();
    CHECK(health.running + health.queued + health.lost == 0);
}
