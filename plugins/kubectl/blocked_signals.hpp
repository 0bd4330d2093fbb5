// SPDX-License-Identifier: Apache-2.0
//
// All signals are blocked for the thread that has one: they are the host's business, and what it starts meanwhile inherits that.
#pragma once

#include <csignal>

namespace rsf::kubectl {

class BlockedSignals {
  public:
    BlockedSignals() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    BlockedSignals(const BlockedSignals &) = delete;
    BlockedSignals &operator=(const BlockedSignals &) = delete;

  private:
    sigset_t before_{};
};

} // namespace rsf::kubectl
