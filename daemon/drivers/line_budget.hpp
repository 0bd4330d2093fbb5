// SPDX-License-Identifier: Apache-2.0
//
// Limits the rate of lines from a driver, which may write without end. Single-threaded.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace rsf::drivers {

class LineBudget {
  public:
    using Clock = std::chrono::steady_clock;

    // burst: lines at once; rate: lines of each second after them.
    LineBudget(double burst, double rate) : burst_(burst), rate_(rate), left_(burst) {}

    // Whether one more may be written now.
    bool take(Clock::time_point now) {
        const double seconds = std::chrono::duration<double>(now - since_).count();
        left_ = std::min(burst_, left_ + seconds * rate_);
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
    double burst_, rate_;
    double left_;
    Clock::time_point since_ = Clock::now();
    std::size_t refused_ = 0;
};

} // namespace rsf::drivers
