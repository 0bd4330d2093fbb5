// SPDX-License-Identifier: Apache-2.0
//
// Feeds the service manager's watchdog for as long as the daemon really works, on a thread of its own.
#pragma once

#include "base/log.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace rsf::service {

class Watchdog {
  public:
    // What does not move any more since longer than this, in words; none: all is well. Called on the watchdog's thread.
    using Stuck = std::function<std::optional<std::string>(std::chrono::steady_clock::duration longer_than)>;

    // time: after which the service manager ends a daemon that is silent; none: nobody watches, and nothing is done. Half of it
    // is how long a thread may be away.
    Watchdog(std::optional<std::chrono::microseconds> time, Stuck stuck, Log log);

  private:
    void watch(const std::stop_token &stop, std::chrono::microseconds time);

    const Stuck stuck_;
    const Log log_;
    std::mutex mutex_;
    std::condition_variable_any stopping_;
    std::jthread thread_; // last: it uses the others
};

} // namespace rsf::service
