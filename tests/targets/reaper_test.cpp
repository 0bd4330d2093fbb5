// SPDX-License-Identifier: Apache-2.0
#include "targets/reaper.hpp"

#include "support/catch.hpp"
#include "support/fake_cluster.hpp"

#include <chrono>
#include <future>

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::test;
using namespace rsf::targets;

namespace {

constexpr auto for_ever = std::chrono::steady_clock::time_point::max();

std::unique_ptr<Target> make(const std::shared_ptr<FakeCluster> &cluster) {
    return Target::make("prod", std::make_unique<FakeDriver>(cluster), {}, silent_log());
}

std::future<Answer> ask(Target &target, const std::string &name) {
    const auto promise = std::make_shared<std::promise<Answer>>();
    Call call;
    call.name = name;
    target.ask(std::move(call), {}, [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
}

} // namespace

TEST_CASE("a target ends when its last holder lets go of it") {
    const auto cluster = std::make_shared<FakeCluster>();
    Reaper reaper;
    std::shared_ptr<Target> target = reaper.adopt(make(cluster));
    const Target *const named = target.get();
    auto other = target;
    target.reset();
    CHECK_FALSE(reaper.wait_for({named}, std::chrono::steady_clock::now()));
    other.reset();
    CHECK(reaper.wait_for({named}, for_ever));
    CHECK(fake_drivers_alive() == 0);
}

TEST_CASE("a target that is at work ends when the work has") {
    const auto cluster = std::make_shared<FakeCluster>();
    cluster->hold("a");
    Reaper reaper;
    std::shared_ptr<Target> target = reaper.adopt(make(cluster));
    const Target *const named = target.get();
    std::future<Answer> answer = ask(*target, "a");
    cluster->wait_for("a");
    target.reset();
    CHECK_FALSE(reaper.wait_for({named}, std::chrono::steady_clock::now()));
    CHECK(fake_drivers_alive() == 1);
    cluster->let_go("a");
    CHECK(answer.get().has_value());
    CHECK(reaper.wait_for({named}, for_ever));
}

TEST_CASE("the last holder may let go on one of the target's own threads") {
    const auto cluster = std::make_shared<FakeCluster>();
    Reaper reaper;
    std::shared_ptr<Target> target = reaper.adopt(make(cluster));
    const Target *const named = target.get();
    cluster->hold("a");
    Call call;
    call.name = "a";
    auto &asked = *target;
    asked.ask(std::move(call), {}, [held = std::move(target)](const Answer &) mutable { held.reset(); });
    cluster->wait_for("a");
    cluster->let_go("a");
    CHECK(reaper.wait_for({named}, for_ever));
}

TEST_CASE("a reaper that ends ends what is at work, and a target that outlives it ends where it is let go of") {
    const auto cluster = std::make_shared<FakeCluster>();
    cluster->hold("a"); // until it is asked to stop
    std::shared_ptr<Target> survivor;
    std::future<Answer> answer;
    {
        Reaper reaper;
        std::shared_ptr<Target> target = reaper.adopt(make(cluster));
        survivor = reaper.adopt(make(cluster));
        answer = ask(*target, "a");
        cluster->wait_for("a");
    }
    CHECK_FALSE(answer.get().has_value());
    CHECK(fake_drivers_alive() == 1);
    survivor.reset();
    CHECK(fake_drivers_alive() == 0);
}
