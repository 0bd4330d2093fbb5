// SPDX-License-Identifier: Apache-2.0
#include "targets/target.hpp"

#include "run/bench.hpp"
#include "support/catch.hpp"

#include <thread>

using namespace rsf::run::test;

TEST_CASE("a read is answered as the driver answers") {
    Bench bench;
    bench.cluster->behave([](const Call &call) -> Answer {
        if (call.name == "absent") return Failure{Code::not_found, "there is no such thing", {}, {}, {{"x", 1}}};
        return Success{{{"kind", "ConfigMap"}}, 0, "/link"};
    });
    const Answer found = bench.read("present").get();
    REQUIRE(found.has_value());
    CHECK(found->object == boost::json::value{{"kind", "ConfigMap"}});
    CHECK(found->selflink == "/link");
    const Answer absent = bench.read("absent").get();
    REQUIRE_FALSE(absent.has_value());
    CHECK(absent.error().code == Code::not_found);
    CHECK(absent.error().message == "there is no such thing");
    CHECK(absent.error().details == boost::json::value{{"x", 1}});
    const Call call = bench.cluster->call_of("present");
    CHECK(call.type == "cm");
    CHECK(call.deadline > std::chrono::steady_clock::now());
}

TEST_CASE("a read whose client goes away is stopped") {
    Bench bench({.concurrency = 1});
    bench.cluster->hold("running");
    std::stop_source client;
    auto running = bench.read("running", client.get_token());
    bench.cluster->wait_for("running");
    client.request_stop();
    CHECK(running.get().error().code == Code::cancelled);
}

TEST_CASE("a read that waits ends at once when its client goes away, and the driver never sees it") {
    Bench bench({.concurrency = 1});
    bench.cluster->hold("running");
    auto running = bench.read("running");
    bench.cluster->wait_for("running");
    std::stop_source client;
    auto waiting = bench.read("waiting", client.get_token());
    client.request_stop();
    const Answer answer = waiting.get();
    CHECK(answer.error().code == Code::cancelled);
    CHECK(answer.error().message == "the client went away");
    std::stop_source gone;
    gone.request_stop();
    CHECK(bench.read("never", gone.get_token()).get().error().code == Code::cancelled);
    bench.cluster->let_go("running");
    CHECK(running.get().has_value());
    CHECK(bench.cluster->begun() == std::vector<std::string>{"running"});
}

TEST_CASE("clients that go away at any moment leave each read with one end") {
    Bench bench({.concurrency = 4, .queue = 1000});
    std::vector<std::stop_source> clients(500);
    std::vector<std::future<Answer>> answers;
    bench.target();
    std::jthread leaving([&] {
        for (std::stop_source &client : clients) client.request_stop();
    });
    for (std::size_t i = 0; i < clients.size(); ++i) answers.push_back(bench.read(std::to_string(i), clients[i].get_token()));
    for (auto &answer : answers) {
        const Answer end = answer.get();
        CHECK((end.has_value() || end.error().code == Code::cancelled));
    }
    CHECK(bench.target().wait_idle(std::chrono::steady_clock::time_point::max()));
}

TEST_CASE("verbs that the driver lacks are refused up front") {
    Bench bench;
    bench.cluster->capabilities = 0b000110; // list and get
    const Report report = bench.write(Verb::create, plain({"a"})).get();
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().code == Code::unsupported);
    CHECK_THAT(report.error().message, ContainsSubstring("driver 'fake' does not do create; it does list, get"));
    CHECK(bench.read("a").get().has_value());

    Bench writing;
    writing.cluster->capabilities = 0b001000; // create
    CHECK(writing.read("a").get().error().code == Code::unsupported);
    CHECK(writing.cluster->begun().empty());
}
