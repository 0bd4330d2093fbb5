// SPDX-License-Identifier: Apache-2.0
//
// The service manager's end of sd_notify(3), for tests.
#pragma once

#include "support/daemon_process.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace rsf::test {

class NotifySocket {
  public:
    NotifySocket();
    ~NotifySocket();
    NotifySocket(const NotifySocket &) = delete;
    NotifySocket &operator=(const NotifySocket &) = delete;

    std::string variable() const; // "NOTIFY_SOCKET=..."
    // The next message; none: there was none for that long.
    std::optional<std::string> receive(std::chrono::milliseconds within) const;
    // The next one that holds text; throws when none comes.
    std::string wait_for(const std::string &text) const;

  private:
    TempFolder folder_;
    int socket_;
};

} // namespace rsf::test
