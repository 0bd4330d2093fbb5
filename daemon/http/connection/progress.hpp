// SPDX-License-Identifier: Apache-2.0
//
// Whether the transfer of a body or an answer makes progress, so that the connection of a stalled client can be evicted. Not
// thread-safe, but for the Waiting that it writes to.
#pragma once

#include "http/overload/waiting.hpp"

#include <cstddef>

namespace rsf::http {

class Progress {
  public:
    explicit Progress(Waiting &waiting) : waiting_(waiting) {}

    // The transfer of a body or an answer begins.
    void begin(Waiting::Clock::time_point now) {
        moved_ = 0;
        waiting_.begin(Waiting::For::transfer, now);
    }
    // bytes more were transferred. Whether that is enough by now for the client not to count as slow.
    bool moved(std::size_t bytes) {
        moved_ += bytes;
        if (moved_ < enough) return false;
        begin(Waiting::Clock::now());
        return true;
    }

  private:
    static constexpr std::size_t enough = 65536; // less within a second is a slow client: a byte now and then is no progress

    Waiting &waiting_;
    std::size_t moved_ = 0; // since it last was enough
};

} // namespace rsf::http
