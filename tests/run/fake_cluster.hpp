// SPDX-License-Identifier: Apache-2.0
//
// A driver for tests, and the cluster behind it through which a test decides how each call ends and when. Thread-safe.
#pragma once

#include "drivers/driver.hpp"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace rsf::run::test {

class FakeCluster {
  public:
    // Before the first call; constant from then on.
    std::function<drivers::Answer(const drivers::Call &)> answer; // empty: writes echo their object, reads answer {"name": ...}
    std::function<Result<std::vector<drivers::Before>>(std::string_view ns, const std::vector<drivers::Orderable> &)>
        order; // empty: not offered
    bool concurrent = true;
    std::uint64_t capabilities = 0b1111110;
    std::size_t batch_limit = 1; // more: it offers rsf.batch/1, and performs a batch's calls in turn

    // Calls for the resource or object of this name wait until they are let go. obedient: or until they are asked to stop.
    void hold(const std::string &name, bool obedient = true);
    void let_go(const std::string &name);

    // Waits until a call of this name has begun.
    void wait_for(const std::string &name);
    // Waits until so many calls are in the driver at once.
    void wait_for_calls(std::size_t running);

    std::vector<std::string> begun() const; // names, in turn
    std::size_t most_at_once() const;
    drivers::Call call_of(const std::string &name) const; // the last one

    std::vector<std::string> batches() const; // "a b", in turn: names of calls that came together

    drivers::Answer perform(const drivers::Call &call);
    std::vector<drivers::Answer> perform_all(const std::vector<drivers::Call> &calls);

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, bool> held_; // and whether obedient
    std::vector<std::string> begun_, batches_;
    std::map<std::string, drivers::Call> calls_;
    std::size_t running_ = 0, most_ = 0;
};

// Instances that were left behind are remembered, so that no leak checker complains about what is meant.
std::unique_ptr<drivers::Driver> make_fake_driver(std::shared_ptr<FakeCluster> cluster);
std::size_t fake_drivers_alive();

} // namespace rsf::run::test
