// SPDX-License-Identifier: Apache-2.0
//
// A real target over a driver written for tests: it answers what the test says and remembers each call. Thread-safe.
#pragma once

#include "http/server.hpp"
#include "run/target.hpp"

#include <boost/json/parse.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rsf::http::test {

// What happens behind the driver.
class FakeCluster {
  public:
    using Behaviour = std::function<drivers::Answer(const drivers::Call &)>;

    void behave(Behaviour behaviour) {
        const std::lock_guard lock(mutex_);
        behaviour_ = std::move(behaviour);
    }

    // What the driver says of itself.
    void feel(std::function<drivers::DriverHealth()> health) {
        const std::lock_guard lock(mutex_);
        health_ = std::move(health);
    }

    drivers::DriverHealth health() const {
        std::function<drivers::DriverHealth()> health;
        {
            const std::lock_guard lock(mutex_);
            health = health_;
        }
        return health ? health() : drivers::DriverHealth{};
    }

    // Before the first target is made; constant from then on.
    std::uint64_t capabilities = 2 | 4 | 8 | 16 | 32 | 64;

    drivers::Answer perform(const drivers::Call &call) {
        Behaviour behaviour;
        {
            const std::lock_guard lock(mutex_);
            calls_.push_back(call);
            calls_.back().memory.reset(); // it is the request's
            behaviour = behaviour_;
        }
        changed_.notify_all();
        if (behaviour) return behaviour(call);
        if (call.verb == drivers::Verb::remove) return drivers::Success{};
        boost::json::value object{{"kind", call.type}, {"metadata", {{"name", call.name}}}};
        if (call.verb == drivers::Verb::list) object = {{"kind", "List"}, {"items", boost::json::array{object}}};
        if (!call.object.empty()) object = boost::json::parse(call.object);
        return drivers::Success{std::move(object), 0, "/fake/" + call.name};
    }

    std::vector<drivers::Call> calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }

    // Returns once the driver has been called so many times.
    void await_calls(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return calls_.size() >= count; });
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Behaviour behaviour_;
    std::function<drivers::DriverHealth()> health_;
    std::vector<drivers::Call> calls_;
};

class FakeDriver : public drivers::Driver {
  public:
    explicit FakeDriver(std::shared_ptr<FakeCluster> cluster) : cluster_(std::move(cluster)) {
        descriptor_.name = "fake";
        descriptor_.version = "1.2.3";
        descriptor_.vendor = "Tests Ltd";
        descriptor_.url = "https://example.org/fake";
        descriptor_.summary = "deploys to memory";
        descriptor_.concurrent = true;
        descriptor_.capabilities = cluster_->capabilities;
        descriptor_.abi_major = 1;
    }

    const drivers::Descriptor &descriptor() const override { return descriptor_; }
    std::vector<std::string> extensions() const override { return {"rsf.order/1"}; }
    drivers::Answer perform(const drivers::Call &call) override { return cluster_->perform(call); }
    drivers::DriverHealth health() override { return cluster_->health(); }
    Result<std::vector<drivers::Before>> order(std::string_view, const std::vector<drivers::Orderable> &) override {
        return std::vector<drivers::Before>{};
    }

  private:
    const std::shared_ptr<FakeCluster> cluster_;
    drivers::Descriptor descriptor_;
};

inline std::shared_ptr<run::Target> fake_target(const std::string &name, const std::shared_ptr<FakeCluster> &cluster,
                                                run::TargetLimits limits = {}, std::optional<run::Strategy> strategy = {}) {
    return run::Target::make(name, std::make_unique<FakeDriver>(cluster), limits, silent_log(), nullptr, strategy);
}

// Plans: everything would be made as it was posted, but what is called "bad".
class FakePlanner : public FakeDriver {
  public:
    using FakeDriver::FakeDriver;

    Result<std::unique_ptr<drivers::Planning>> plan(drivers::Verb, std::string, std::vector<drivers::Orderable>) override {
        struct Fake : drivers::Planning {
            drivers::Answer step(std::size_t, const drivers::Call &call, const std::vector<std::string> &) override {
                const boost::json::value object = boost::json::parse(call.object);
                const bool bad = call.name == "bad";
                boost::json::object step{{"action", bad ? "failed" : "create"},
                                         {"basis", "client"},
                                         {"reason", "It is a fake."},
                                         {"before", nullptr},
                                         {"after", object},
                                         {"object", object}};
                if (bad) step["errors"] = {"It is bad."};
                return drivers::Success{std::move(step), 0, {}};
            }
            void end() override {}
        };
        return std::make_unique<Fake>();
    }
};

// The targets "prod", which is the default, has this strategy and can be planned over, and "review", over one cluster.
inline Targets fake_targets(const std::shared_ptr<FakeCluster> &cluster, run::Strategy strategy = run::Strategy::create_replace) {
    Targets targets{
        {{"prod", fake_target("prod", cluster, {}, strategy)}, {"review", fake_target("review", cluster)}}, {}, "prod"};
    targets.planners.emplace(
        "prod", run::Target::make("prod", std::make_unique<FakePlanner>(cluster), {}, silent_log(), targets.by_name.at("prod")));
    return targets;
}

} // namespace rsf::http::test
