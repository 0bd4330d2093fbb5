// SPDX-License-Identifier: Apache-2.0
//
// The threads for what may take a while, with ordinary stacks. Thread-safe.
#pragma once

#include "base/memory.hpp"
#include "http/asio.hpp"
#include "http/pulse.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <latch>
#include <memory>
#include <thread>

namespace rsf::http {

class Workers {
  public:
    explicit Workers(std::size_t threads) : threads_(threads), pool_(threads) {}

    // Work that is left when this ends is dropped.
    void post(std::function<void()> work) {
        if (waiting_ == 0) pulse_.beat(); // it was idle
        ++waiting_;
        try {
            net::post(pool_, [this, work = std::move(work)] {
                work();
                pulse_.beat();
                --waiting_;
            });
        } catch (...) {
            --waiting_;
            throw;
        }
    }
    // For a while without work: all of the threads give back what they have had. They meet for it, or one could do it twice.
    void give_memory_back() {
        if (waiting_ != 0) return;
        const auto all_here = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(threads_));
        for (std::size_t i = 0; i < threads_; ++i)
            net::post(pool_, [all_here] {
                all_here->count_down();
                const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
                while (!all_here->try_wait() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
                base::give_memory_back();
            });
    }
    void join() { pool_.join(); }
    // Whether there is work, and none was done for that long.
    bool stuck(std::chrono::steady_clock::duration longer_than) const {
        return waiting_ != 0 && pulse_.is_older_than(longer_than);
    }

  private:
    const std::size_t threads_;
    Pulse pulse_;
    std::atomic<std::size_t> waiting_ = 0; // or under way
    net::thread_pool pool_;                // last: its threads use the others
};

} // namespace rsf::http
