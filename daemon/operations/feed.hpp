// SPDX-License-Identifier: Apache-2.0
//
// The last changes of the states of all operations, for those who watch them. Nothing is kept for a listener: each says which
// change it had last, and one that is too slow begins again. Thread-safe.
#pragma once

#include "shared/mutex.hpp"
#include "store/record.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace rsf::operations {

class Feed {
  public:
    struct Change {
        std::uint64_t number; // each greater than all before it, also those of a daemon before this one
        store::Summary operation;
    };
    struct News {
        std::vector<Change> changes;
        bool has_gap = false; // what followed the listener's last change is not kept any more, or was never given
    };

    void note(store::Summary operation);

    // At most so many, the oldest first.
    News since(std::uint64_t after, std::size_t most) const;
    std::uint64_t last() const;
    // Calls once when there is a change after that number: now, or later on any thread. Must not block, nor call back.
    void when_changed(std::uint64_t after, std::function<void()> once);

  private:
    static std::uint64_t first_number();

    mutable shared::Mutex mutex_;
    const std::uint64_t first_ = first_number();
    std::uint64_t last_ GUARDED_BY(mutex_) = first_;
    std::deque<Change> changes_ GUARDED_BY(mutex_);
    std::vector<std::function<void()>> listeners_ GUARDED_BY(mutex_);
};

} // namespace rsf::operations
