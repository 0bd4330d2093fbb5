// SPDX-License-Identifier: Apache-2.0
//
// Descriptors kept for when the system has no more: each lets one more client connect, to be told so. Thread-safe.
#pragma once

#include "shared/mutex.hpp"

#include <array>
#include <atomic>
#include <cstddef>

namespace rsf::http {

class ReserveFds {
  public:
    static constexpr std::size_t count = 8;

    ReserveFds();
    ~ReserveFds();
    ReserveFds(const ReserveFds &) = delete;
    ReserveFds &operator=(const ReserveFds &) = delete;

    // Frees one, for the next call that opens a descriptor; false: there is none left.
    bool give();
    // Opens those again that were given away, as far as the system has any. True: none is missing.
    bool refill();

  private:
    shared::Mutex mutex_;
    std::array<int, count> descriptors_ GUARDED_BY(mutex_){}; // -1: given
    std::atomic<bool> is_full_ = false;                       // changed with mutex_
};

} // namespace rsf::http
