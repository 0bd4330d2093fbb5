// SPDX-License-Identifier: Apache-2.0
//
// Values that are read at the moment when metrics are asked for. Thread-safe.
#pragma once

#include "shared/mutex.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace rsf::metrics {

template <class Now> class Watches {
  public:
    // Called by read() until the result is destroyed, which waits for a call that is under way.
    std::shared_ptr<void> add(std::function<Now()> read_now) {
        const auto entry = std::make_shared<Entry>(std::move(read_now));
        std::shared_ptr<void> end(nullptr, [entry](void *) {
            const shared::Lock lock(entry->mutex);
            entry->read_now = nullptr;
        });
        const shared::Lock lock(mutex_);
        std::erase_if(entries_, [](const auto &other) { return other.expired(); });
        entries_.push_back(entry);
        return end;
    }

    // In the order in which they were added.
    std::vector<Now> read() const {
        std::vector<Now> all;
        for (const std::weak_ptr<Entry> &weak : copy()) {
            const std::shared_ptr<Entry> entry = weak.lock();
            if (!entry) continue;
            const shared::Lock lock(entry->mutex);
            if (entry->read_now) all.push_back(entry->read_now());
        }
        return all;
    }

  private:
    struct Entry {
        explicit Entry(std::function<Now()> of) : read_now(std::move(of)) {}

        shared::Mutex mutex;
        std::function<Now()> read_now GUARDED_BY(mutex);
    };

    std::vector<std::weak_ptr<Entry>> copy() const {
        const shared::Lock lock(mutex_);
        return entries_;
    }

    mutable shared::Mutex mutex_;
    std::vector<std::weak_ptr<Entry>> entries_ GUARDED_BY(mutex_); // owned by the results of add()
};

} // namespace rsf::metrics
