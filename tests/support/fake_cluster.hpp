// SPDX-License-Identifier: Apache-2.0
//
// A driver for tests, and the cluster behind it through which a test decides how each call ends and when. Thread-safe.
#pragma once

#include "drivers/driver.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::test {

class FakeCluster {
  public:
    using Behaviour = std::function<drivers::Answer(const drivers::Call &)>;
    using Order =
        std::function<base::Result<std::vector<drivers::Before>>(std::string_view ns, const std::vector<drivers::Orderable> &)>;

    // Before the first driver is made; constant from then on.
    Order order;                                                   // empty: not offered
    std::function<drivers::Settled(const drivers::Call &)> settle; // empty: not offered
    bool checks_revisions = false;
    bool concurrent = true;
    std::uint64_t capabilities = 2 | 4 | 8 | 16 | 32 | 64;
    std::size_t batch_limit = 1; // more: it offers rsf.batch/1, and performs a batch's calls in turn

    // How calls are answered from now on. Unless it is said, writes echo their object, and reads answer what has the name.
    void behave(Behaviour behaviour);
    // What the driver says of its health from now on.
    void feel(std::function<drivers::DriverHealth()> health);

    // Calls for the resource or object of this name wait until they are let go. obedient: or until they are asked to stop.
    void hold(const std::string &name, bool obedient = true);
    void let_go(const std::string &name);

    // Waits until a call of this name has begun.
    void wait_for(const std::string &name);
    // Waits until so many calls have begun.
    void wait_for_calls(std::size_t count);
    // Waits until so many calls are in the driver at once, which have not been let go.
    void wait_for_running(std::size_t count);

    std::vector<drivers::Call> calls() const;             // in turn, without the request's memory
    drivers::Call call_of(const std::string &name) const; // the last one; throws if there is none
    std::vector<std::string> begun() const;               // the names of calls, in turn
    std::vector<std::string> batches() const;             // "a b", in turn: names of calls that came together
    std::size_t most_at_once() const;

    drivers::Answer perform(const drivers::Call &call);
    std::vector<drivers::Answer> perform_all(const std::vector<drivers::Call> &calls);
    drivers::DriverHealth health() const;

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Behaviour behaviour_;
    std::function<drivers::DriverHealth()> health_;
    std::map<std::string, bool> held_; // and whether obedient
    std::vector<drivers::Call> calls_;
    std::vector<std::string> batches_;
    std::size_t running_ = 0, most_ = 0;
};

// Instances that were left behind are remembered, so that no leak checker complains about what is meant.
class FakeDriver : public drivers::Driver {
  public:
    explicit FakeDriver(std::shared_ptr<FakeCluster> cluster);
    ~FakeDriver() override;

    const drivers::Descriptor &descriptor() const override { return descriptor_; }
    std::vector<std::string> extensions() const override;
    drivers::Answer perform(const drivers::Call &call) override { return cluster_->perform(call); }
    std::size_t batch_limit() const override { return cluster_->batch_limit; }
    std::vector<drivers::Answer> perform_all(const std::vector<drivers::Call> &calls) override {
        return cluster_->perform_all(calls);
    }
    drivers::DriverHealth health() override { return cluster_->health(); }
    drivers::Settled settle(const drivers::Call &call) override {
        return cluster_->settle ? cluster_->settle(call) : drivers::Driver::settle(call);
    }
    base::Result<std::vector<drivers::Before>> order(std::string_view ns,
                                                     const std::vector<drivers::Orderable> &resources) override {
        return cluster_->order(ns, resources);
    }

  private:
    const std::shared_ptr<FakeCluster> cluster_;
    drivers::Descriptor descriptor_;
};

std::size_t fake_drivers_alive();

} // namespace rsf::test
