// SPDX-License-Identifier: Apache-2.0
//
// Feeds the service manager's watchdog while the daemon is not stuck, on a thread of its own.
#pragma once

#include "base/log.hpp"
#include "shared/mutex.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace rsf::service {

class Watchdog {
  public:
    // What has been stuck for longer than this, in words; none: nothing. Called on the watchdog's thread.
    using Stuck = std::function<std::optional<std::string>(std::chrono::steady_clock::duration longer_than)>;

    // time: after which the service manager ends a silent daemon; none: there is no watchdog, and this does nothing. A thread
    // counts as stuck after half of it.
    Watchdog(std::optional<std::chrono::microseconds> time, Stuck stuck, Log log);

  private:
    void watch(const std::stop_token &stop, std::chrono::microseconds time);

    const Stuck stuck_;
    const Log log_;
    shared::Mutex mutex_;
    std::condition_variable_any stopping_; // supports stop tokens, which shared::Condition does not
    std::jthread thread_;                  // last: it uses the others
};

} // namespace rsf::service
