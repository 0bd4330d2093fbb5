// SPDX-License-Identifier: Apache-2.0
//
// write_gate.hpp: who may write now: writes of different keys at once, writes of one key in turn, and what touches many keys
// alone. Thread-safe. A pass is given back on the thread that asked for it, which holds no other.
#pragma once

#include "object.hpp"

#include <condition_variable>
#include <mutex>
#include <set>

namespace rsf::dryrun {

class WriteGate {
  public:
    class Pass {
      public:
        Pass(WriteGate &gate, const Key *key) : gate_(gate), key_(key) {}
        Pass(const Pass &) = delete;
        Pass &operator=(const Pass &) = delete;
        ~Pass() { gate_.give_back(key_); }

      private:
        WriteGate &gate_;
        const Key *key_; // null: all
    };

    // key: outlives the pass.
    [[nodiscard]] Pass one(const Key &key) {
        std::unique_lock lock(mutex_);
        // Who wants to be alone goes first, or would wait as long as others come.
        changed_.wait(lock, [&] { return !alone_ && waiting_ == 0 && !busy_.contains(key); });
        busy_.insert(key);
        return {*this, &key};
    }

    [[nodiscard]] Pass all() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.wait(lock, [&] { return !alone_ && busy_.empty(); });
        --waiting_;
        alone_ = true;
        return {*this, nullptr};
    }

  private:
    void give_back(const Key *key) {
        const std::lock_guard lock(mutex_);
        if (key)
            busy_.erase(*key);
        else
            alone_ = false;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<Key> busy_;      // guarded by mutex_
    bool alone_ = false;      // guarded by mutex_
    std::size_t waiting_ = 0; // guarded by mutex_: for all()
};

} // namespace rsf::dryrun
