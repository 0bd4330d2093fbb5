// SPDX-License-Identifier: Apache-2.0
//
// How many requests are under way and connections are open, and whether the server is shutting down. Thread-safe.
#pragma once

#include "shared/mutex.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>

namespace rsf::http {

class InFlight {
  public:
    // One request, from its first byte to the last of its answer.
    class Entry {
      public:
        explicit Entry(InFlight &counts) : counts_(counts) { counts_.enter(); }
        ~Entry() { counts_.leave(); }
        Entry(const Entry &) = delete;
        Entry &operator=(const Entry &) = delete;

      private:
        InFlight &counts_;
    };

    // One connection, while it is open.
    class Visit {
      public:
        explicit Visit(InFlight &counts) : counts_(counts) { ++counts_.connections_; }
        ~Visit() { counts_.count_down(counts_.connections_); }
        Visit(const Visit &) = delete;
        Visit &operator=(const Visit &) = delete;

      private:
        InFlight &counts_;
    };

    void drain() { draining_ = true; }
    bool draining() const { return draining_; }
    std::size_t under_way() const { return under_way_; }

    // Whether no request is under way and, once the server goes down, no connection is open any more.
    bool wait_idle(std::chrono::steady_clock::time_point until) {
        shared::Lock lock(mutex_);
        ++waiters_;
        const bool idle = idle_.wait_until(lock, until, [&] { return under_way_ == 0 && (connections_ == 0 || !draining_); });
        --waiters_;
        return idle;
    }

  private:
    void enter() { ++under_way_; }
    void leave() { count_down(under_way_); }
    // No lock unless a thread waits: it counts itself as a waiter before it reads the counts.
    void count_down(std::atomic<std::size_t> &count) {
        if (--count != 0 || waiters_ == 0) return;
        const shared::Lock lock(mutex_);
        idle_.notify_all();
    }

    std::atomic<bool> draining_ = false;
    std::atomic<std::size_t> under_way_ = 0, connections_ = 0, waiters_ = 0;
    shared::Mutex mutex_; // so that no notification is lost between check and wait
    shared::Condition idle_;
};

} // namespace rsf::http
