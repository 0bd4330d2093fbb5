// SPDX-License-Identifier: Apache-2.0
//
// Ends targets that nothing holds any more (the set that is served, a request, a target that plans over them) once nothing is
// under way on them. The last holder may be on one of a target's own threads, which cannot join itself: so a thread of the reaper
// does it. Thread-safe.
#pragma once

#include "targets/target.hpp"

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace rsf::targets {

class Reaper {
  public:
    Reaper();
    Reaper(const Reaper &) = delete;
    Reaper &operator=(const Reaper &) = delete;
    // Ends the targets that were released, even busy ones. From then on a target ends where its last holder releases it.
    ~Reaper();

    // The target, which the reaper will end.
    std::shared_ptr<Target> adopt(std::unique_ptr<Target> target);
    // Waits until these adopted targets have ended; false when until passed first. The pointers are only compared.
    bool wait_for(const std::vector<const Target *> &targets, std::chrono::steady_clock::time_point until);

  private:
    struct State; // shared with the targets, which may outlive this
    const std::shared_ptr<State> state_;
    std::thread thread_;
};

} // namespace rsf::targets
