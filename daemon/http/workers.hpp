// SPDX-License-Identifier: Apache-2.0
//
// The threads for what may take a while, with ordinary stacks. Thread-safe.
#pragma once

#include "http/asio.hpp"
#include "http/pulse.hpp"

#include <atomic>
#include <functional>

namespace rsf::daemon {

class Workers {
  public:
    explicit Workers(std::size_t threads) : pool_(threads) {}

    // Work that is left when this ends is dropped.
    void post(std::function<void()> work) {
        if (waiting_ == 0) pulse_.beat(); // it was idle
        ++waiting_;
        net::post(pool_, [this, work = std::move(work)] {
            work();
            pulse_.beat();
            --waiting_;
        });
    }
    void join() { pool_.join(); }
    // Whether there is work, and none was done for that long.
    bool stuck(std::chrono::steady_clock::duration longer_than) const {
        return waiting_ != 0 && pulse_.is_older_than(longer_than);
    }

  private:
    Pulse pulse_;
    std::atomic<std::size_t> waiting_ = 0; // or under way
    net::thread_pool pool_;                // last: its threads use the others
};

} // namespace rsf::daemon
