// SPDX-License-Identifier: Apache-2.0
//
// Sends a connection's answers, as fast as its client takes them. Not thread-safe.
#pragma once

#include "http/asio.hpp"
#include "http/connection/deadline.hpp"
#include "http/connection/progress.hpp"
#include "http/connection/stream.hpp"
#include "http/overload/waiting.hpp"

#include <chrono>
#include <functional>
#include <string_view>

namespace rsf::http {

class Output {
  public:
    Output(Stream &stream, const Deadline &deadline, const Waiting &waiting, Progress &progress)
        : stream_(stream), deadline_(deadline), waiting_(waiting), progress_(progress) {}

    // on_progress(moved): some of it was sent; moved: enough for the client not to count as slow. False: it can't all be sent, or
    // the deadline passed, or the connection is evicted.
    net::awaitable<bool> send(std::string_view bytes, const std::function<void(bool moved)> &on_progress = {});

  private:
    Stream &stream_;
    const Deadline &deadline_;
    const Waiting &waiting_;
    Progress &progress_;
};

} // namespace rsf::http
