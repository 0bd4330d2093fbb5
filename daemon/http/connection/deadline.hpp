// SPDX-License-Identifier: Apache-2.0
//
// Until when a connection may read or write. At that moment the stream's pending operations are cancelled. Not thread-safe.
#pragma once

#include "http/asio.hpp"
#include "http/connection/stream.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace rsf::http {

class Deadline {
  public:
    using Clock = std::chrono::steady_clock;

    explicit Deadline(Stream &stream) : stream_(stream), timer_(stream.executor(), never) {}
    // The object that a pending wait keeps alive. Called before the first arm().
    void belong_to(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

    // The deadline is time from now. Returns now.
    Clock::time_point arm(std::chrono::milliseconds time);
    void disarm();
    // From now on no wait keeps the owner alive.
    void end() {
        disarm();
        timer_.cancel();
    }

    bool has_passed() const { return passed_; }
    Clock::time_point time() const { return ends_at_; }

  private:
    static constexpr Clock::time_point never = Clock::time_point::max();

    void wait();

    Stream &stream_;
    net::steady_timer timer_; // never: nothing waits for it
    std::weak_ptr<void> owner_;
    Clock::time_point ends_at_ = never;
    bool passed_ = false;
};

} // namespace rsf::http
