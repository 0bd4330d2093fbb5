// SPDX-License-Identifier: Apache-2.0
//
// write_gate.hpp: a lock by key: writes of different keys run at once, writes of one key in turn, and a write that touches many
// keys runs alone. Thread-safe. A thread holds at most one pass and gives it back itself.
#pragma once

#include "dryrun/storage/record.hpp"
#include "shared/mutex.hpp"

#include <set>

namespace rsf::dryrun::simulator {

using storage::Key;

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
        shared::Lock lock(mutex_);
        // all() has priority; otherwise a steady flow of single writes would starve it.
        changed_.wait(lock, [&]() REQUIRES(mutex_) { return !alone_ && waiting_ == 0 && !busy_.contains(key); });
        busy_.insert(key);
        return {*this, &key};
    }

    [[nodiscard]] Pass all() {
        shared::Lock lock(mutex_);
        ++waiting_;
        changed_.wait(lock, [&]() REQUIRES(mutex_) { return !alone_ && busy_.empty(); });
        --waiting_;
        alone_ = true;
        return {*this, nullptr};
    }

  private:
    void give_back(const Key *key) {
        const shared::Lock lock(mutex_);
        if (key)
            busy_.erase(*key);
        else
            alone_ = false;
        changed_.notify_all();
    }

    shared::Mutex mutex_;
    shared::Condition changed_;
    std::set<Key> busy_ GUARDED_BY(mutex_);
    bool alone_ GUARDED_BY(mutex_) = false;
    std::size_t waiting_ GUARDED_BY(mutex_) = 0; // for all()
};

} // namespace rsf::dryrun::simulator
