// SPDX-License-Identifier: Apache-2.0
//
// Blocks all signals for this thread, and for threads that it starts meanwhile: the host handles its signals in its own threads.
#pragma once

#include <csignal>

namespace rsf::kubectl::process {

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

} // namespace rsf::kubectl::process
