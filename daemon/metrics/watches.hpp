// SPDX-License-Identifier: Apache-2.0
//
// What is looked at when somebody wants to know. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace rsf::metrics {

template <class Now> class Watches {
  public:
    // Looked at until the result is gone, which waits for a look that is under way.
    std::shared_ptr<void> add(std::function<Now()> look) {
        const auto entry = std::make_shared<Entry>();
        entry->look = std::move(look);
        std::shared_ptr<void> end(nullptr, [entry](void *) {
            const std::lock_guard lock(entry->mutex);
            entry->look = nullptr;
        });
        const std::lock_guard lock(mutex_);
        std::erase_if(entries_, [](const auto &other) { return other.expired(); });
        entries_.push_back(entry);
        return end;
    }

    // In the order in which they were added.
    std::vector<Now> look() const {
        std::vector<Now> all;
        for (const std::weak_ptr<Entry> &weak : copy()) {
            const std::shared_ptr<Entry> entry = weak.lock();
            if (!entry) continue;
            const std::lock_guard lock(entry->mutex);
            if (entry->look) all.push_back(entry->look());
        }
        return all;
    }

  private:
    struct Entry {
        std::mutex mutex;
        std::function<Now()> look; // guarded by mutex
    };

    std::vector<std::weak_ptr<Entry>> copy() const {
        const std::lock_guard lock(mutex_);
        return entries_;
    }

    mutable std::mutex mutex_;
    std::vector<std::weak_ptr<Entry>> entries_; // guarded by mutex_; kept by whoever has the end of each
};

} // namespace rsf::metrics
