// SPDX-License-Identifier: Apache-2.0
#include "targets/health_watch.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>

using namespace rsf::drivers;
using namespace rsf::config;
using namespace rsf::run;
using namespace rsf::targets;
using namespace std::chrono_literals;

namespace {

constexpr auto until_answered = 1min;

// A driver that says how it is when it is let, each time; and a watch on it.
struct Watched {
    explicit Watched(std::chrono::milliseconds abandon_after) : watch([this] { return say(); }, "driver 'fake'", abandon_after) {}

    DriverHealth say() {
        ++asked;
        return answers.get_future().get();
    }

    void answer(DriverHealth health) { answers.set_value(std::move(health)); }

    std::atomic<int> asked = 0;
    std::promise<DriverHealth> answers;
    std::shared_ptr<int> kept = std::make_shared<int>();
    HealthWatch watch; // last: its thread uses the others
};

} // namespace

TEST_CASE("what a driver says of its health is waited for") {
    Watched driver(1min);
    const HealthWatch::Ask ask = driver.watch.ask(driver.kept);
    driver.answer({false, "the proxy ended", {}});
    CHECK(driver.watch.said(ask, until_answered).reason == "the proxy ended");
    CHECK(driver.watch.wait_idle(HealthWatch::Clock::time_point{}));
}

TEST_CASE("a driver that has not answered yet is not waited for longer than it is worth, nor asked again") {
    Watched driver(1min);
    const HealthWatch::Ask ask = driver.watch.ask(driver.kept);
    const DriverHealth never = driver.watch.said(ask, 0ms);
    CHECK_FALSE(never.ok);
    CHECK(never.reason == "driver 'fake' has not reported its health yet");
    CHECK(driver.watch.ask(driver.kept) == ask); // a second answer would throw
    CHECK_FALSE(driver.watch.wait_idle(HealthWatch::Clock::now()));
    CHECK_FALSE(driver.watch.is_overdue());
    driver.answer({true, "", {}});
    CHECK(driver.watch.said(ask, until_answered).ok);
    CHECK(driver.asked == 1);
}

TEST_CASE("who waits for one answer does not wait for that to a later question") {
    Watched driver(1min);
    const HealthWatch::Ask first = driver.watch.ask(driver.kept);
    driver.answer({false, "the proxy ended", {}});
    REQUIRE(driver.watch.wait_idle(HealthWatch::Clock::now() + 1min));
    driver.answers = {};
    const HealthWatch::Ask second = driver.watch.ask(driver.kept);
    CHECK(driver.watch.said(first, std::chrono::years(1)).reason == "the proxy ended"); // comes back
    driver.answer({true, "", {}});
    CHECK(driver.watch.said(second, until_answered).ok);
}

TEST_CASE("while a driver is asked again, what it said before counts") {
    Watched driver(1min);
    const HealthWatch::Ask first = driver.watch.ask(driver.kept);
    driver.answer({true, "", {{"restarts", 1}}});
    REQUIRE(driver.watch.said(first, until_answered).ok);
    driver.answers = {};
    const HealthWatch::Ask second = driver.watch.ask(driver.kept);
    CHECK(driver.watch.said(second, 0ms).more == boost::json::object{{"restarts", 1}});
    CHECK(driver.watch.said().more == boost::json::object{{"restarts", 1}});
    driver.answer({});
}

TEST_CASE("a driver that does not come back from saying how it is is told to be unwell, until it does") {
    Watched driver(0ms);
    const HealthWatch::Ask ask = driver.watch.ask(driver.kept);
    CHECK(driver.watch.wait_idle(HealthWatch::Clock::now() + 1min)); // it is not waited for
    CHECK(driver.watch.is_overdue());
    const DriverHealth health = driver.watch.said();
    CHECK_FALSE(health.ok);
    CHECK(health.reason == "driver 'fake' does not return from its health check");
    driver.answer({true, "", {}});
    CHECK(driver.watch.said(ask, until_answered).ok);
    CHECK_FALSE(driver.watch.is_overdue());
}

TEST_CASE("a driver that can't be asked for a lack of means is not well") {
    HealthWatch watch([]() -> DriverHealth { throw std::runtime_error("no descriptor"); }, "driver 'fake'", 1min);
    const HealthWatch::Ask ask = watch.ask(nullptr);
    CHECK(watch.said(ask, until_answered).reason == "its health can't be checked: no descriptor");
}

TEST_CASE("what is asked lives until it has answered, and may end with that") {
    struct Owner {
        std::promise<void> &gone;
        std::shared_future<void> released;
        HealthWatch watch{[this] {
                              released.wait();
                              return DriverHealth{};
                          },
                          "driver 'fake'", 1min};
        ~Owner() { gone.set_value(); }
    };
    std::promise<void> gone, release;
    const std::future<void> is_gone = gone.get_future();
    auto owner = std::make_shared<Owner>(gone, release.get_future().share());
    owner->watch.ask(owner);
    owner.reset();
    CHECK(is_gone.wait_for(0s) == std::future_status::timeout);
    release.set_value();
    is_gone.wait();
}
