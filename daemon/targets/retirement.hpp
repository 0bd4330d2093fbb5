// SPDX-License-Identifier: Apache-2.0
//
// Targets that are not served any more: each is ended once nobody holds it and nothing is under way on it, on a thread that is
// none of its own. Thread-safe.
#pragma once

#include "run/target.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace rsf::targets {

class Retirement {
  public:
    Retirement();
    Retirement(const Retirement &) = delete;
    Retirement &operator=(const Retirement &) = delete;
    // Ends those that are left, whatever they do.
    ~Retirement() = default;

    void add(std::shared_ptr<run::Target> target);
    // Waits until those have ended; false when until passed first.
    bool wait_for(const std::vector<const run::Target *> &targets, std::chrono::steady_clock::time_point until);
    std::vector<std::shared_ptr<run::Target>> targets() const;

  private:
    void run(std::stop_token stop);
    bool end_free();

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<std::shared_ptr<run::Target>> targets_; // guarded by mutex_
    std::vector<const run::Target *> ending_;           // guarded by mutex_; only compared
    std::jthread thread_;                               // last: it uses the others
};

} // namespace rsf::targets
