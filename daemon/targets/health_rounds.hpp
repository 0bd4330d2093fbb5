// SPDX-License-Identifier: Apache-2.0
//
// Asks the drivers of the targets that are served for their health, again and again, so that probes, metrics and the log know of
// a failure before a client meets it. One thread for all targets, which never waits for a driver. Thread-safe.
#pragma once

#include "base/log_fwd.hpp"
#include "targets/target_set.hpp"

#include <chrono>
#include <memory>

namespace rsf::targets {

class HealthRounds {
  public:
    // every: the longest time between two questions to one target, but for a driver that has not answered the last one. A target
    // that was just made is asked more often at first.
    explicit HealthRounds(Log log, std::chrono::milliseconds every = std::chrono::seconds(4));
    HealthRounds(const HealthRounds &) = delete;
    HealthRounds &operator=(const HealthRounds &) = delete;
    ~HealthRounds();

    // These targets are asked from now on, and no others; they are not kept alive. New ones are asked at once;
    // those that are drained are not asked.
    void replace(const TargetSet &targets);

  private:
    struct State;
    const std::unique_ptr<State> state_;
};

} // namespace rsf::targets
