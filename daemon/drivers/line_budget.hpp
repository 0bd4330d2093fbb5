// SPDX-License-Identifier: Apache-2.0
//
// How many lines somebody may write who might never stop. Single-threaded.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace rsf::drivers {

class LineBudget {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::size_t burst = 2000; // lines at once
    static constexpr std::size_t rate = 200;   // lines of each second after them

    // Whether one more may be written now.
    bool take(Clock::time_point now) {
        const double seconds = std::chrono::duration<double>(now - since_).count();
        left_ = std::min<double>(burst, left_ + seconds * rate);
        since_ = now;
        if (left_ < 1) {
            ++refused_;
            return false;
        }
        left_ -= 1;
        return true;
    }

    // How many were refused since this was last asked.
    std::size_t refused() { return std::exchange(refused_, 0); }

  private:
    double left_ = burst;
    Clock::time_point since_ = Clock::now();
    std::size_t refused_ = 0;
};

} // namespace rsf::drivers
