// SPDX-License-Identifier: Apache-2.0
//
// How many requests are under way and connections are open, and whether the server is going down. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace rsf::http {

class Census {
  public:
    // One request, from its first byte to the last of its answer.
    class Entry {
      public:
        explicit Entry(Census &census) : census_(census) { census_.enter(); }
        ~Entry() { census_.leave(); }
        Entry(const Entry &) = delete;
        Entry &operator=(const Entry &) = delete;

      private:
        Census &census_;
    };

    // One connection, while it is open.
    class Visit {
      public:
        explicit Visit(Census &census) : census_(census) { ++census_.connections_; }
        ~Visit() { census_.count_down(census_.connections_); }
        Visit(const Visit &) = delete;
        Visit &operator=(const Visit &) = delete;

      private:
        Census &census_;
    };

    void drain() { draining_ = true; }
    bool draining() const { return draining_; }
    std::size_t under_way() const { return under_way_; }

    // Whether no request is under way and, once the server goes down, no connection is open any more.
    bool wait_idle(std::chrono::steady_clock::time_point until) {
        std::unique_lock lock(mutex_);
        ++waiters_;
        const bool idle = idle_.wait_until(lock, until, [&] { return under_way_ == 0 && (connections_ == 0 || !draining_); });
        --waiters_;
        return idle;
    }

  private:
    void enter() { ++under_way_; }
    void leave() { count_down(under_way_); }
    // No lock unless somebody waits: whoever begins to wait says so before looking at the counts.
    void count_down(std::atomic<std::size_t> &count) {
        if (--count != 0 || waiters_ == 0) return;
        const std::lock_guard lock(mutex_);
        idle_.notify_all();
    }

    std::atomic<bool> draining_ = false;
    std::atomic<std::size_t> under_way_ = 0, connections_ = 0, waiters_ = 0;
    std::mutex mutex_; // so that none is notified between looking and waiting
    std::condition_variable idle_;
};

} // namespace rsf::http
