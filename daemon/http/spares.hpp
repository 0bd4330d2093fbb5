// SPDX-License-Identifier: Apache-2.0
//
// Descriptors kept for the day when the system has no more: each lets one more client in, to be told so. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>

namespace rsf::http {

class Spares {
  public:
    static constexpr std::size_t count = 8;

    Spares();
    ~Spares();
    Spares(const Spares &) = delete;
    Spares &operator=(const Spares &) = delete;

    // Frees one for whoever is the first to use it; false: there is none left.
    bool give();
    // Takes those back that were given, as far as there are any to be had. Whether none is missing.
    bool refill();

  private:
    std::mutex mutex_;
    std::array<int, count> descriptors_{}; // guarded by mutex_; -1: given
    std::atomic<bool> is_full_ = false;    // changed with mutex_
};

} // namespace rsf::http
